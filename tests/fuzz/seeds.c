/* Writes the seeds of all fuzz targets below the directory given: `fuzz_seeds DIRECTORY`. */
#include <errno.h>
#include <sys/stat.h>

#include "abi/x86_paging.h"
#include "dump_writer.h"
#include "fuzz.h"

static const char *directory;
static struct fuzz_guest guest;
static unsigned written;

/* Ends the program when a file cannot be written; empties `seed`. */
static void save(const char *target, struct buffer *seed)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", directory, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        exit(EXIT_FAILURE);
    (void)snprintf(path, sizeof path, "%s/%s/seed-%03u", directory, target, written++);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(seed->bytes, 1, seed->size, file) != seed->size || fclose(file) != 0)
        exit(EXIT_FAILURE);
    buffer_free(seed);
}

static void seeds_of_cursor(void)
{
    static const unsigned char operations[] = {0, 0, 1, 0, 2,  0, 3,   0, 4,   2, 5,  1, 6,
                                               3, 7, 5, 8, 10, 4, 251, 5, 255, 8, 61, 7, 250};
    struct buffer seed = {0};
    (void)buffer_append(&seed, "a=1\nbb=-22\nff\n0123456789", 25);
    (void)buffer_append(&seed, operations, sizeof operations);
    save("cursor", &seed);
}

static void seeds_of_dumps(void)
{
    static const unsigned char low[40] = "low", high[24] = "high";
    static const struct dump_range ranges[] = {{0x1000, low, sizeof low},
                                               {0x100000000ULL, high, sizeof high}};
    struct buffer seed = {0};
    dump_write_elf(&seed, ranges, 2);
    save("dump", &seed);
    dump_write_lime(&seed, ranges, 2);
    save("dump", &seed);
    (void)buffer_u64(&seed, 0x1000); /* raw: the size of low memory comes first */
    (void)buffer_zeros(&seed, 0x1100);
    save("dump", &seed);
}

static void seeds_of_notes(void)
{
    struct buffer seed = {0};
    const unsigned char *page = guest.scenario.image.ram + guest.scenario.kernel.note;
    (void)buffer_append(&seed, page, strlen((const char *)page + 24) + 24);
    save("note", &seed);
    vmcoreinfo_write_text(&seed, "OSRELEASE=x\nNUMBER(phys_base)=-1\nSYMBOL(_stext)=ff\n");
    save("note", &seed);
}

static void paging_head(struct buffer *seed, uint64_t address, unsigned flags)
{
    (void)buffer_u64(seed, address);
    (void)buffer_u8(seed, flags);
    (void)buffer_u8(seed, 100);
}

static void seeds_of_paging(void)
{
    struct guest_image *image = &guest.scenario.image;
    struct buffer seed = {0};
    uint64_t places[] = {guest.layout.symbols.init_net.v, guest_direct(image, 0x612345),
                         image->shape.vmalloc_va + 8, 0x7f0000001000};
    for (unsigned i = 0; i < 8; i++) {
        paging_head(&seed, places[i % 4], i / 4 * 3);
        save("paging", &seed);
    }
    for (unsigned level = 1; level <= 4; level++) {
        uint64_t entry = guest_entry(image, image->shape.vmalloc_va, level);
        uint64_t self = entry / 4096 * 4096 | X86_PTE_PRESENT | X86_PTE_USER;
        paging_head(&seed, image->shape.vmalloc_va, 0);
        fuzz_write_patch(&guest, &seed, level == 4 ? FUZZ_REGION_ROOT : FUZZ_REGION_HEAP, entry,
                         &self, sizeof self);
        save("paging", &seed);
    }
}

static void scan_head(struct buffer *seed, unsigned stop, unsigned units, unsigned change_at)
{
    (void)buffer_u8(seed, stop);
    (void)buffer_u8(seed, units);
    (void)buffer_u16(seed, change_at);
}

/* One store into one member of each socket, from the start or while the walk runs. */
static void seeds_of_scan(void)
{
    const struct kernel_members *m = &guest.layout.members;
    const uint32_t members[] = {m->common_nulls_node, m->common_hash,   m->common_net,
                                m->common_state,      m->common_family, m->sock_socket,
                                m->sock_cgroup,       m->common_dport};
    struct buffer seed = {0};
    scan_head(&seed, 0, 255, 0);
    save("scan", &seed);
    scan_head(&seed, 9, 255, 0);
    save("scan", &seed);
    scan_head(&seed, 0, 40, 0);
    save("scan", &seed);
    for (size_t i = 0; i < guest.scenario.truth_count; i++) {
        uint64_t sock = guest.scenario.truth[i].sock.v;
        uint64_t at = guest_physical(&guest.scenario.image, sock + members[i % 8]);
        uint64_t value = sock + m->common_nulls_node;
        scan_head(&seed, 0, 255, (unsigned)(i % 3 * 150));
        fuzz_write_patch(&guest, &seed, FUZZ_REGION_HEAP, at, &value, i % 8 < 3 ? 8 : 1);
        save("scan", &seed);
    }
}

/* A byte of each region in turn, also with a page-table entry gone. */
static void seeds_of_patches(const char *target, unsigned region)
{
    const struct fuzz_region *r = &guest.regions[region];
    struct buffer seed = {0};
    (void)buffer_u32(&seed, 0); /* too short for a patch: the guest as it is */
    save(target, &seed);
    for (unsigned i = 0; i < 24; i++) {
        uint64_t at = r->start + r->size / 24 * i;
        uint64_t value = i % 2 == 0 ? UINT64_MAX : 0;
        fuzz_write_patch(&guest, &seed, region, at, &value, 1 + i % 8);
        save(target, &seed);
    }
}

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    directory = arguments[1];
    fuzz_guest_make(&guest);
    seeds_of_cursor();
    seeds_of_dumps();
    seeds_of_notes();
    seeds_of_paging();
    seeds_of_scan();
    seeds_of_patches("kallsyms", FUZZ_REGION_TABLES);
    seeds_of_patches("btf", FUZZ_REGION_BTF);
    for (unsigned region = 0; region < FUZZ_REGIONS; region++)
        seeds_of_patches("discover", region);
    scenario_destroy(&guest.scenario);
    return EXIT_SUCCESS;
}
