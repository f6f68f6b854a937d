/* kernel_discover_anchored: the registers decide, whatever else is in memory. */
#include "abi/x86_paging.h"
#include "kernel/discover.h"
#include "unit.h"

static struct unit_guest guest;
static struct kernel_anchor anchor;
static struct kernel_layout layout;
static struct kernel_report report;

static void set_up_guest(const struct scenario_options *options)
{
    unit_guest_make(&guest, options);
    anchor = (struct kernel_anchor){
        .cr3 = gpa(guest.scenario.image.root | 0x8000000000000018ULL), /* flags are no address */
        .lstar = gva(guest.scenario.kernel.text + GUEST_SYSCALL_ENTRY),
        .levels = options->levels};
}

static void set_up(void)
{
    struct scenario_options options = scenario_defaults();
    set_up_guest(&options);
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

static enum status discover_within(uint64_t units)
{
    struct kernel_workspace *room = malloc(kernel_workspace_size());
    ck_assert_ptr_nonnull(room);
    memset(room, 0xa5, kernel_workspace_size());
    memset(&layout, 0xa5, sizeof layout);
    enum status status =
        kernel_discover_anchored(&guest.memory, &anchor, units, room, &layout, &report);
    ck_assert(status == STATUS_OK || unit_all_bytes(&layout, sizeof layout, 0xa5));
    free(room);
    return status;
}

static enum status discover(void)
{
    return discover_within(UNIT_PLENTY);
}

static void check_space(const struct kernel_layout *truth)
{
    ck_assert_uint_eq(layout.image.v, truth->image.v);
    ck_assert_uint_eq(layout.space.root.v, truth->space.root.v);
    ck_assert_uint_eq(layout.space.levels, truth->space.levels);
    ck_assert_uint_eq(layout.note.v, 0);
}

static void check_found(const struct scenario *scenario)
{
    struct kernel_layout truth = scenario_layout(scenario, NULL);
    ck_assert_msg(report.candidate_count == 1, "%s 0x%llx at stage %u",
                  report.evidence.what == NULL ? "-" : report.evidence.what,
                  (unsigned long long)report.evidence.at, report.furthest);
    check_space(&truth);
    ck_assert(memcmp(&layout.symbols, &truth.symbols, sizeof truth.symbols) == 0);
    ck_assert(memcmp(&layout.members, &truth.members, sizeof truth.members) == 0);
    ck_assert_str_eq(layout.release, truth.release);
}

START_TEST(the_kernel_is_found)
{
    struct scenario_options options = scenario_defaults();
    tear_down();
    options.levels = _i % 2 == 0 ? 4 : 5;
    options.variant = (unsigned)_i / 2 % 2;
    options.note = _i / 4 == 0;
    options.order = _i % 3 == 0 ? KALLSYMS_OFFSETS_LAST : KALLSYMS_OFFSETS_FIRST;
    set_up_guest(&options);
    ck_status(discover(), STATUS_OK);
    check_found(&guest.scenario);
}
END_TEST

/* The tables of another process map the kernel as well; they do not outlive it. */
START_TEST(another_process_leads_to_the_kernels_own_tables)
{
    struct guest_image *image = &guest.scenario.image;
    uint64_t top = guest_page(image);
    memcpy(image->ram + top + 2048, image->ram + image->root + 2048, 2048);
    anchor.cr3 = gpa(top);
    ck_status(discover(), STATUS_OK);
    check_found(&guest.scenario);
    memset(image->ram + top, 0, 4096);
    struct unit_scan scan = {.may_repeat = false};
    guest.layout = layout;
    unit_scan(&guest, &scan);
    unit_check_complete(&guest, &scan);
    unit_scan_free(&scan);
}
END_TEST

/* A rival: complete, with page tables and a note of its own, which the real kernel lacks. */
static void plant_rival(struct scenario *rival)
{
    struct scenario_options options = scenario_defaults();
    tear_down();
    options.ram_size = 32 * SCENARIO_MIB;
    options.note = false;
    set_up_guest(&options);
    options.note = true;
    options.variant = 1;
    options.image_pa = 20 * SCENARIO_MIB;
    options.pages_from = 24 * SCENARIO_MIB;
    options.pages_to = 32 * SCENARIO_MIB;
    scenario_create(rival, &options, &guest.scenario);
}

START_TEST(rivals_in_memory_mean_nothing)
{
    struct scenario rival;
    plant_rival(&rival);
    unsigned char *ram = guest.scenario.image.ram;
    for (uint64_t page = 0x1000; page < 0x10000; page += 4096) /* forged notes besides */
        memcpy(ram + page, ram + rival.kernel.note, 4096);
    ck_status(discover(), STATUS_OK);
    check_found(&guest.scenario);
    anchor.cr3 = gpa(rival.image.root); /* had the registers been the rival's, it would be it */
    anchor.lstar = gva(rival.kernel.text + GUEST_SYSCALL_ENTRY);
    ck_status(discover(), STATUS_OK);
    check_found(&rival);
    scenario_destroy(&rival);
}
END_TEST

/* Beside the image, in its own mapping: a leaf of the kernel's tables, with flags. */
static void map_beside(uint64_t pa, uint64_t flags)
{
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = image->shape.image_va + (pa - image->shape.image_pa);
    guest_map(image, va, pa, 2 * SCENARIO_MIB, flags);
}

/*
 * A process can get pages that were the image's until the kernel had booted (init memory). They
 * are writable: a second set of tables there is not looked at. Were they read-only, it would be.
 */
START_TEST(tables_in_writable_pages_of_the_image_mean_nothing)
{
    struct scenario_options options = scenario_defaults();
    tear_down();
    options.ram_size = 32 * SCENARIO_MIB;
    set_up_guest(&options);
    unsigned char *ram = guest.scenario.image.ram;
    uint64_t rodata = guest.scenario.image.shape.image_pa + GUEST_IMAGE_RODATA;
    uint64_t beside = guest.scenario.image.shape.image_pa + GUEST_IMAGE_BYTES + 2 * SCENARIO_MIB;

    memcpy(ram + beside, ram + rodata, GUEST_IMAGE_BYTES - GUEST_IMAGE_RODATA);

    map_beside(beside, X86_PTE_WRITABLE | X86_PTE_NO_EXECUTE);
    uint64_t before = guest.watched.reads;
    ck_status(discover(), STATUS_OK);
    check_found(&guest.scenario);
    ck_assert_uint_eq(report.tried, 1);
    ck_assert_uint_gt(guest.watched.reads, before);
    ram[guest_entry(&guest.scenario.image,
                    guest.scenario.image.shape.image_va + GUEST_IMAGE_BYTES + 2 * SCENARIO_MIB,
                    2)] &= (unsigned char)~X86_PTE_WRITABLE;
    (void)discover();
    ck_assert_uint_eq(report.tried, 2);
}
END_TEST

/* The image lies in pages of 4 KiB as well, with holes between them. */
static enum status with_holes(uint64_t distance)
{
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = image->shape.image_va + GUEST_IMAGE_RODATA;
    uint64_t used = guest.scenario.image.image_next - va;
    uint64_t entry = guest_entry(image, va, 2);
    memset(image->ram + entry, 0, 8);
    for (uint64_t at = 0; at < GUEST_IMAGE_BYTES - GUEST_IMAGE_RODATA; at += 4096) {
        bool hole = at > used + 4096 && at % distance == 0;
        if (!hole && at < 0x100000 + used)
            guest_map(image, va + at, image->shape.image_pa + GUEST_IMAGE_RODATA + at, 4096,
                      X86_PTE_NO_EXECUTE);
    }
    /* The top-level table is in the last pages. */
    guest_map(image, va + 0x1fe000, image->shape.image_pa + GUEST_IMAGE_RODATA + 0x1fe000, 4096,
              X86_PTE_NO_EXECUTE | X86_PTE_WRITABLE);
    return discover();
}

START_TEST(holes_and_small_pages)
{
    ck_status(with_holes(0x10000), STATUS_OK);
    check_found(&guest.scenario);
}
END_TEST

START_TEST(too_many_holes_are_refused)
{
    ck_status(with_holes(0x2000), STATUS_NOT_FOUND);
    ck_assert_str_eq(report.evidence.what, "pieces of read-only data");
}
END_TEST

/* What lies in no page of the image is not read by the distance alone. */
START_TEST(btf_with_a_hole_is_refused)
{
    struct guest_image *image = &guest.scenario.image;
    ck_status(with_holes(0x10000), STATUS_OK);
    memset(image->ram + guest_entry(image, guest.scenario.kernel.btf + 4096, 1), 0, 8);
    ck_status(discover(), STATUS_NOT_FOUND);
    ck_assert_str_eq(report.evidence.what, "BTF outside read-only data");
}
END_TEST

static void elsewhere(void)
{
    anchor.lstar = gva(guest_direct(&guest.scenario.image, guest.scenario.image.shape.image_pa));
}

static void below_the_image(void)
{
    anchor.lstar = gva(GUEST_KERNEL_MAP - 1);
}

static void unmapped(void)
{
    anchor.lstar.v += GUEST_IMAGE_BYTES;
}

static void not_the_entry(void)
{
    anchor.lstar.v += 8;
}

static void not_executable(void)
{
    anchor.lstar.v += GUEST_IMAGE_RODATA;
}

static void set_in_image(uint64_t bits)
{
    struct guest_image *image = &guest.scenario.image;
    uint64_t entry;
    unsigned char *at = image->ram + guest_entry(image, image->shape.image_va, 2);
    memcpy(&entry, at, sizeof entry);
    entry |= bits;
    memcpy(at, &entry, sizeof entry);
}

/* Before user space runs, the kernel has not protected its text yet. */
static void writable(void)
{
    for (unsigned level = 4; level > 2; level--)
        guest.scenario.image
            .ram[guest_entry(&guest.scenario.image, guest.scenario.image.shape.image_va, level)] |=
            X86_PTE_WRITABLE;
    set_in_image(X86_PTE_WRITABLE);
}

static void of_the_user(void)
{
    for (unsigned level = 4; level > 2; level--)
        guest.scenario.image
            .ram[guest_entry(&guest.scenario.image, guest.scenario.image.shape.image_va, level)] |=
            X86_PTE_USER;
    set_in_image(X86_PTE_USER);
}

static void other_levels(void)
{
    anchor.levels = 5;
}

static void no_tables(void)
{
    anchor.cr3 = gpa(0x7ffffffff000ULL);
}

/* Page table isolation: the tables of user mode map no more than the entry code. */
static void tables_of_user_mode(void)
{
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = image->shape.image_va;
    memset(image->ram + guest_entry(image, va + GUEST_IMAGE_RODATA, 2), 0, 8);
}

static void no_tokens(void)
{
    uint64_t rodata = guest.scenario.image.shape.image_pa + GUEST_IMAGE_RODATA;
    memset(guest.scenario.image.ram + rodata, 0,
           (size_t)(guest.scenario.kernel.kallsyms - guest.scenario.image.shape.image_va -
                    GUEST_IMAGE_RODATA + guest.scenario.kernel.tables.token_index + 512));
}

static const char entry[] = "LSTAR does not lead to protected kernel text";
static const char rodata[] = "read-only data of the kernel image";

static const struct {
    void (*spoil)(void);
    const char *what;
} refusals[] = {{elsewhere, entry},
                {below_the_image, entry},
                {unmapped, entry},
                {not_the_entry, "entry_SYSCALL_64 against LSTAR"},
                {not_executable, entry},
                {writable, entry},
                {of_the_user, entry},
                {other_levels, entry},
                {no_tables, entry},
                {tables_of_user_mode, rodata},
                {no_tokens, "kallsyms in the kernel image"}};

START_TEST(it_refuses)
{
    refusals[_i].spoil();
    ck_status(discover(), STATUS_NOT_FOUND);
    ck_assert_uint_eq(report.candidate_count, 0);
    ck_assert_str_eq(report.evidence.what, refusals[_i].what);
}
END_TEST

/* Every symbol that is read from must lie where CR3 maps the image. */
START_TEST(a_symbol_outside_is_refused)
{
    struct guest_image *image = &guest.scenario.image;
    uint64_t top = guest_page(image);
    uint64_t tables[3] = {guest_page(image), guest_page(image), 0};
    /* The process's own path to the image lacks the first leaf, where the variables are. */
    memcpy(image->ram + top, image->ram + image->root, 4096);
    memcpy(image->ram + tables[0],
           image->ram + (guest_entry(image, GUEST_KERNEL_MAP, 3) & ~4095ULL), 4096);
    memcpy(image->ram + tables[1],
           image->ram + (guest_entry(image, GUEST_KERNEL_MAP, 2) & ~4095ULL), 4096);
    uint64_t flags = X86_PTE_PRESENT | X86_PTE_WRITABLE;
    uint64_t link = tables[0] | flags;
    memcpy(image->ram + top + (size_t)8 * 511, &link, 8);
    link = tables[1] | flags;
    memcpy(image->ram + tables[0] + (size_t)8 * 510, &link, 8);
    /* Text alone, by one small page. */
    uint64_t va = image->shape.image_va;
    uint64_t small = guest_page(image);
    link = small | flags;
    memcpy(image->ram + tables[1] + (size_t)8 * (va >> 21 & 511), &link, 8);
    link = image->shape.image_pa | X86_PTE_PRESENT;
    memcpy(image->ram + small, &link, 8);
    anchor.cr3 = gpa(top);
    ck_status(discover(), STATUS_NOT_FOUND);
    ck_assert_str_eq(report.evidence.what, "a symbol outside the image that CR3 maps");
}
END_TEST

START_TEST(it_ends_with_its_budget)
{
    bool passed = false;
    for (uint64_t units = 0; units < 100000 && !passed; units += 1 + units / 16) {
        uint64_t before = guest.watched.reads;
        enum status status = discover_within(units);
        passed = status == STATUS_OK;
        ck_assert(passed || status == STATUS_BUDGET || status == STATUS_NOT_FOUND);
        /* What looks like a token index costs a read more. */
        ck_assert_uint_le(guest.watched.reads - before, units + 16);
    }
    ck_assert(passed);
}
END_TEST

/* A refusal that comes early costs next to nothing: it is repeated while the guest boots. */
START_TEST(too_early_is_told_at_once)
{
    writable();
    uint64_t before = guest.watched.reads;
    ck_status(discover(), STATUS_NOT_FOUND);
    ck_assert_uint_le(guest.watched.reads - before, 5);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("anchored");
    TCase *tests = tcase_create("anchored");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, the_kernel_is_found, 0, 8);
    tcase_add_test(tests, another_process_leads_to_the_kernels_own_tables);
    tcase_add_test(tests, rivals_in_memory_mean_nothing);
    tcase_add_test(tests, tables_in_writable_pages_of_the_image_mean_nothing);
    tcase_add_test(tests, holes_and_small_pages);
    tcase_add_test(tests, too_many_holes_are_refused);
    tcase_add_test(tests, btf_with_a_hole_is_refused);
    tcase_add_loop_test(tests, it_refuses, 0, sizeof refusals / sizeof *refusals);
    tcase_add_test(tests, a_symbol_outside_is_refused);
    tcase_add_test(tests, it_ends_with_its_budget);
    tcase_add_test(tests, too_early_is_told_at_once);
    suite_add_tcase(suite, tests);
    return suite;
}
