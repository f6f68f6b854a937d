#include "fuzz.h"

enum {
    PATCH_HEAD = 4
};

static void set_regions(struct fuzz_guest *guest)
{
    const struct guest_image *image = &guest->scenario.image;
    const struct guest_kernel *kernel = &guest->scenario.kernel;
    struct fuzz_region *r = guest->regions;
    r[FUZZ_REGION_HEAP] =
        (struct fuzz_region){image->shape.pages_from, image->page_low - image->shape.pages_from};
    r[FUZZ_REGION_IMAGE] =
        (struct fuzz_region){image->shape.image_pa, image->image_next - image->shape.image_va};
    r[FUZZ_REGION_TABLES] = (struct fuzz_region){guest_physical(image, kernel->kallsyms),
                                                 image->image_next - kernel->kallsyms};
    r[FUZZ_REGION_BTF] = (struct fuzz_region){guest_physical(image, kernel->btf), kernel->btf_size};
    r[FUZZ_REGION_ROOT] = (struct fuzz_region){image->root, 4096};
    r[FUZZ_REGION_NOTE] = (struct fuzz_region){kernel->note, 4096};
}

void fuzz_guest_make(struct fuzz_guest *guest)
{
    struct scenario_options options = scenario_defaults();
    options.ram_size = options.pages_to = 8 * SCENARIO_MIB;
    options.image_pa = 2 * SCENARIO_MIB;
    options.pages_from = 6 * SCENARIO_MIB;
    options.fillers = 300;
    options.padding = 10;
    options.bulk = 60; /* chains longer than the room that fuzz_scan gives */
    options.buckets = 2;
    options.private_buckets = 2;
    options.listen_buckets = 4;
    memset(guest, 0, sizeof *guest);
    scenario_create(&guest->scenario, &options, NULL);
    guest->watched = (struct watched_memory){.image = &guest->scenario.image};
    guest->memory = watched_guestmem(&guest->watched);
    guest->layout = scenario_layout(&guest->scenario, &guest->memory);
    set_regions(guest);
}

static void apply(struct fuzz_guest *guest, uint64_t at, const uint8_t *bytes, unsigned length)
{
    unsigned char *ram = guest->scenario.image.ram;
    struct fuzz_undo *undo = &guest->undo[guest->undo_count++];
    undo->at = at;
    undo->length = length;
    memcpy(undo->bytes, ram + at, length);
    memcpy(ram + at, bytes, length);
}

void fuzz_patch(struct fuzz_guest *guest, const uint8_t *data, size_t size)
{
    guest->undo_count = 0;
    guest->watched.reads = 0;
    while (size > PATCH_HEAD && guest->undo_count < FUZZ_PATCHES_MAX) {
        const struct fuzz_region *region = &guest->regions[data[0] % 16 % FUZZ_REGIONS];
        unsigned length = data[0] / 16U + 1;
        uint64_t offset = (uint64_t)data[1] | (uint64_t)data[2] << 8 | (uint64_t)data[3] << 16;
        offset %= region->size;
        data += PATCH_HEAD;
        size -= PATCH_HEAD;
        if (length > size)
            length = (unsigned)size;
        if (length > region->size - offset)
            length = (unsigned)(region->size - offset);
        apply(guest, region->start + offset, data, length);
        data += length;
        size -= length;
    }
}

void fuzz_restore(struct fuzz_guest *guest)
{
    while (guest->undo_count > 0) {
        const struct fuzz_undo *undo = &guest->undo[--guest->undo_count];
        memcpy(guest->scenario.image.ram + undo->at, undo->bytes, undo->length);
    }
}

void fuzz_write_patch(const struct fuzz_guest *guest, struct buffer *seed, unsigned region,
                      uint64_t physical, const void *bytes, unsigned length)
{
    uint64_t offset = physical - guest->regions[region].start;
    (void)buffer_u8(seed, region | (length - 1) << 4);
    (void)buffer_u16(seed, (unsigned)(offset & 0xffff));
    (void)buffer_u8(seed, (unsigned)(offset >> 16));
    (void)buffer_append(seed, bytes, length);
}
