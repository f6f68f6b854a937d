/* guestmem/paging.h: walks of 4 and 5 levels, all leaves, rights, copies across pages. */
#include "abi/x86_paging.h"
#include "guestmem/paging.h"
#include "unit.h"

static struct unit_guest guest;
static struct address_space walks; /* without windows */

static void set_up_levels(unsigned levels, uint64_t leaf)
{
    struct scenario_options options = scenario_defaults();
    options.levels = levels;
    options.direct_leaf = leaf;
    options.no_sockets = true;
    unit_guest_make(&guest, &options);
    walks = guest.layout.space;
    memset(walks.windows, 0, sizeof walks.windows);
}

static void set_up(void)
{
    set_up_levels(4, 2 << 20);
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

static const struct {
    unsigned levels;
    uint64_t leaf;
} shapes[] = {{4, 4096}, {4, 2 << 20}, {4, 1 << 30}, {5, 4096}, {5, 2 << 20}, {5, 1 << 30}};

START_TEST(leaves_of_every_size)
{
    struct translation t;
    set_up_levels(shapes[_i].levels, shapes[_i].leaf);
    uint64_t va = guest_direct(&guest.scenario.image, 0x345678);
    ck_status(paging_walk(&walks, gva(va), &guest.budget, &t), STATUS_OK);
    ck_assert_uint_eq(t.address.v, 0x345678);
    ck_assert_uint_eq(t.page_size, shapes[_i].leaf);
    ck_assert(t.writable && !t.user && !t.executable);
    ck_status(paging_walk(&walks, guest.layout.symbols.text, &guest.budget, &t), STATUS_OK);
    ck_assert_uint_eq(t.address.v, guest.scenario.image.shape.image_pa);
    ck_assert(t.executable);
    tear_down();
}
END_TEST

START_TEST(walk_takes_a_unit_a_level_at_most)
{
    struct translation t;
    set_up_levels(shapes[_i].levels, shapes[_i].leaf);
    struct gva va = gva(guest_direct(&guest.scenario.image, 0x1000));
    bool passed = false;
    for (uint64_t units = 0; units < 8; units++) {
        struct budget budget = budget_of(units);
        memset(&t, 0xa5, sizeof t);
        enum status status = paging_walk(&walks, va, &budget, &t);
        ck_assert(status == STATUS_OK || status == STATUS_BUDGET);
        ck_assert(!passed || status == STATUS_OK);
        ck_assert(status == STATUS_OK || unit_all_bytes(&t, sizeof t, 0xa5));
        passed = status == STATUS_OK;
    }
    ck_assert(passed);
    tear_down();
}
END_TEST

START_TEST(addresses_that_are_not_canonical)
{
    static const uint64_t addresses[] = {0x0000800000000000ULL, 0xffff7fffffffffffULL,
                                         0x8000000000000000ULL, 0x1234567890abcdefULL};
    struct translation t;
    set_up_levels(4, 4096);
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++)
        ck_status(paging_walk(&walks, gva(addresses[i]), &guest.budget, &t), STATUS_UNMAPPED);
    /* Bit 48 to 55 belong to the address with five levels. */
    walks.levels = 5;
    ck_status(paging_walk(&walks, gva(0x0100000000000000ULL), &guest.budget, &t), STATUS_UNMAPPED);
    tear_down();
}
END_TEST

/* Entry bits of the level that is changed, and what must come of it. */
static const struct {
    unsigned level;
    uint64_t set, clear;
    enum status expected;
    bool user, writable, executable;
} entries[] = {
    {4, 0, X86_PTE_PRESENT, STATUS_UNMAPPED, 0, 0, 0},
    {3, 0, X86_PTE_PRESENT, STATUS_UNMAPPED, 0, 0, 0},
    {2, 0, X86_PTE_PRESENT, STATUS_UNMAPPED, 0, 0, 0},
    {1, 0, X86_PTE_PRESENT, STATUS_UNMAPPED, 0, 0, 0},
    {1, 0, X86_PTE_WRITABLE, STATUS_OK, 0, 0, 0},
    {3, 0, X86_PTE_WRITABLE, STATUS_OK, 0, 0, 0},
    {1, X86_PTE_USER, 0, STATUS_OK, 0, 1, 0}, /* the levels above do not allow users */
    {1, 0, X86_PTE_NO_EXECUTE, STATUS_OK, 0, 1, 1},
    {4, 0x7fffffff000ULL, 0, STATUS_OUTSIDE, 0, 0, 0}, /* a table outside RAM */
    {2, 0xffff00000000ULL, 0, STATUS_OUTSIDE, 0, 0, 0},
};

START_TEST(entries_decide)
{
    struct translation t;
    set_up_levels(4, 4096);
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = guest_direct(image, 0x5000);
    uint64_t at = guest_entry(image, va, entries[_i].level);
    uint64_t entry;
    memcpy(&entry, image->ram + at, sizeof entry);
    entry = (entry | entries[_i].set) & ~entries[_i].clear;
    memcpy(image->ram + at, &entry, sizeof entry);
    ck_status(paging_walk(&walks, gva(va), &guest.budget, &t), entries[_i].expected);
    if (entries[_i].expected == STATUS_OK) {
        ck_assert_int_eq(t.user, entries[_i].user);
        ck_assert_int_eq(t.writable, entries[_i].writable);
        ck_assert_int_eq(t.executable, entries[_i].executable);
    }
    tear_down();
}
END_TEST

START_TEST(user_pages_are_told)
{
    struct translation t;
    set_up_levels(4, 4096);
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = 0x00007f0000001000ULL;
    guest_map(image, va, 0x7000, 4096, X86_PTE_USER);
    for (unsigned level = 4; level > 1; level--)
        image->ram[guest_entry(image, va, level)] |= X86_PTE_USER;
    ck_status(paging_walk(&walks, gva(va + 5), &guest.budget, &t), STATUS_OK);
    ck_assert(t.user && !t.writable && t.executable);
    ck_assert_uint_eq(t.address.v, 0x7005);
    tear_down();
}
END_TEST

/* PS is reserved at the two highest levels: such an entry is no leaf of 512 GiB. */
START_TEST(page_size_bit_above_1_gib)
{
    struct translation t;
    set_up_levels(4, 4096);
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = guest_direct(image, 0x5000);
    image->ram[guest_entry(image, va, 4)] |= X86_PTE_PAGE_SIZE;
    enum status status = paging_walk(&walks, gva(va), &guest.budget, &t);
    ck_assert(status != STATUS_OK || t.page_size <= 1 << 30);
    tear_down();
}
END_TEST

START_TEST(ignored_bits_are_no_address)
{
    struct translation t;
    struct gva va;
    set_up_levels(4, 4096);
    struct guest_image *image = &guest.scenario.image;
    va = gva(guest_direct(image, 0x5123));
    for (unsigned level = 1; level <= 4; level++) /* from below: the way down stays readable */
        image->ram[guest_entry(image, va.v, level) + 5] |= 0x80; /* bit 47, as SME's C bit */
    ck_status(paging_walk(&walks, va, &guest.budget, &t), STATUS_OUTSIDE);
    walks.ignored_bits = 1ULL << 47;
    ck_status(paging_walk(&walks, va, &guest.budget, &t), STATUS_OK);
    ck_assert_uint_eq(t.address.v, 0x5123);
    tear_down();
}
END_TEST

/* A table that maps itself ends after as many levels as there are. */
START_TEST(recursive_tables_end)
{
    struct translation t;
    set_up();
    struct guest_image *image = &guest.scenario.image;
    uint64_t self = image->root | X86_PTE_PRESENT;
    memcpy(image->ram + image->root, &self, 8);
    struct budget budget = budget_of(100);
    ck_status(paging_walk(&walks, gva(0), &budget, &t), STATUS_OK);
    ck_assert_uint_eq(t.address.v, image->root);
    ck_assert_uint_le(budget.used, 4);
    tear_down();
}
END_TEST

START_TEST(windows_come_before_walks)
{
    struct gpa physical = gpa(0xa5);
    set_up();
    struct address_space space = walks;
    space.windows[1] = (struct paging_window){gva(0xffffa00000000000ULL), 0x2000, gpa(0x9000)};
    struct budget none = budget_of(0);
    ck_status(paging_translate(&space, gva(0xffffa00000001fffULL), &none, &physical), STATUS_OK);
    ck_assert_uint_eq(physical.v, 0xafff);
    physical = gpa(0xa5);
    ck_status(paging_translate(&space, gva(0xffffa00000002000ULL), &guest.budget, &physical),
              STATUS_UNMAPPED);
    ck_status(paging_translate(&space, gva(0xffff9fffffffffffULL), &guest.budget, &physical),
              STATUS_UNMAPPED);
    ck_assert_uint_eq(physical.v, 0xa5);
    tear_down();
}
END_TEST

/* The vmalloc area's pages lie apart in RAM, in descending order. */
START_TEST(copies_cross_scattered_pages)
{
    unsigned char wrote[9000];
    unsigned char got[9000];
    set_up();
    struct guest_image *image = &guest.scenario.image;
    uint64_t va = guest_vmalloc(image, sizeof wrote + 100);
    for (size_t i = 0; i < sizeof wrote; i++)
        wrote[i] = (unsigned char)(i ^ i >> 8);
    guest_put(image, va + 77, wrote, sizeof wrote);
    ck_status(paging_read(&walks, &guest.budget, gva(va + 77), got, sizeof got), STATUS_OK);
    ck_assert_mem_eq(got, wrote, sizeof got);
    ck_status(paging_read(&walks, &guest.budget, gva(va + 3 * 4096ULL - 1), got, 2),
              STATUS_UNMAPPED);
    struct budget small = budget_of(2);
    ck_status(paging_read(&walks, &small, gva(va), got, sizeof got), STATUS_BUDGET);
    tear_down();
}
END_TEST

/* A unit pays for one read of up to a page, through a window as well. */
START_TEST(long_copies_are_paid_by_the_page)
{
    enum {
        LONG = 64 << 10
    };
    static unsigned char got[LONG];
    set_up();
    struct address_space space = guest.layout.space;
    struct budget budget = budget_of(1000);
    ck_status(paging_read(&space, &budget, guest.layout.symbols.text, got, sizeof got), STATUS_OK);
    ck_assert_uint_ge(budget.used, sizeof got / 4096);
    tear_down();
}
END_TEST

START_TEST(numbers_stay_untouched_on_failure)
{
    uint32_t word = 1;
    uint64_t wide = 2;
    struct gva pointer = gva(3);
    set_up();
    struct gva nowhere = gva(0xffffdeadbeef0000ULL);
    struct gva somewhere = guest.layout.symbols.page_offset_base;
    ck_status(paging_read_u32(&walks, &guest.budget, nowhere, &word), STATUS_UNMAPPED);
    ck_status(paging_read_u64(&walks, &guest.budget, nowhere, &wide), STATUS_UNMAPPED);
    ck_status(paging_read_pointer(&walks, &guest.budget, nowhere, &pointer), STATUS_UNMAPPED);
    ck_assert(word == 1 && wide == 2 && pointer.v == 3);
    ck_status(paging_read_u32(&walks, &guest.budget, somewhere, &word), STATUS_OK);
    ck_status(paging_read_u64(&walks, &guest.budget, somewhere, &wide), STATUS_OK);
    ck_status(paging_read_pointer(&walks, &guest.budget, somewhere, &pointer), STATUS_OK);
    ck_assert_uint_eq(wide, guest.scenario.image.shape.page_offset);
    ck_assert_uint_eq(word, (uint32_t)wide);
    ck_assert_uint_eq(pointer.v, wide);
    tear_down();
}
END_TEST

START_TEST(addresses_at_the_end_of_the_space_wrap)
{
    unsigned char got[16];
    set_up();
    struct address_space space = walks;
    space.windows[0] = (struct paging_window){gva(UINT64_MAX - 0xfff), 0x1000, gpa(0x4000)};
    ck_status(paging_read(&space, &guest.budget, gva(UINT64_MAX - 15), got, 16), STATUS_OK);
    ck_status(paging_read(&space, &guest.budget, gva(UINT64_MAX - 7), got, 16), STATUS_UNMAPPED);
    tear_down();
}
END_TEST

START_TEST(text_is_bounded)
{
    char got[16];
    set_up();
    struct guest_image *image = &guest.scenario.image;
    uint64_t page = guest_vmalloc(image, 4096); /* the page behind it is not mapped */
    guest_put(image, page + 4096 - 6, "hello", 6);
    ck_status(paging_read_text(&walks, &guest.budget, gva(page + 4090), got, sizeof got),
              STATUS_OK);
    ck_assert_str_eq(got, "hello");
    ck_status(paging_read_text(&walks, &guest.budget, gva(page + 4090), got, 6), STATUS_OK);
    ck_status(paging_read_text(&walks, &guest.budget, gva(page + 4090), got, 5), STATUS_TRUNCATED);
    ck_status(paging_read_text(&walks, &guest.budget, gva(page + 4095), got, 1), STATUS_OK);
    guest_put_u8(image, page + 4095, 'x');
    ck_status(paging_read_text(&walks, &guest.budget, gva(page + 4090), got, sizeof got),
              STATUS_UNMAPPED);
    for (uint64_t units = 0; units < 5; units++) {
        struct budget budget = budget_of(units);
        ck_status(paging_read_text(&walks, &budget, gva(page), got, 1),
                  units == 5 ? STATUS_OK : STATUS_BUDGET);
    }
    tear_down();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("paging");
    TCase *tests = tcase_create("paging");
    enum {
        SHAPES = sizeof shapes / sizeof shapes[0]
    };
    tcase_add_loop_test(tests, leaves_of_every_size, 0, SHAPES);
    tcase_add_loop_test(tests, walk_takes_a_unit_a_level_at_most, 0, SHAPES);
    tcase_add_test(tests, addresses_that_are_not_canonical);
    tcase_add_loop_test(tests, entries_decide, 0, sizeof entries / sizeof entries[0]);
    tcase_add_test(tests, user_pages_are_told);
    tcase_add_test(tests, page_size_bit_above_1_gib);
    tcase_add_test(tests, ignored_bits_are_no_address);
    tcase_add_test(tests, recursive_tables_end);
    tcase_add_test(tests, windows_come_before_walks);
    tcase_add_test(tests, copies_cross_scattered_pages);
    tcase_add_test(tests, long_copies_are_paid_by_the_page);
    tcase_add_test(tests, numbers_stay_untouched_on_failure);
    tcase_add_test(tests, addresses_at_the_end_of_the_space_wrap);
    tcase_add_test(tests, text_is_bounded);
    suite_add_tcase(suite, tests);
    return suite;
}
