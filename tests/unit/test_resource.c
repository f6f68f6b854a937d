/* kernel/discover.h, kernel_system_ram: RAM by the guest's own resource tree. */
#include "kernel/discover.h"
#include "unit.h"

static struct unit_guest guest;
static struct kernel_ram ram;

static void set_up_above(uint64_t above, unsigned variant)
{
    struct scenario_options options = scenario_defaults();
    options.no_sockets = true;
    options.above_4g = above;
    options.variant = variant;
    unit_guest_make(&guest, &options);
    memset(&ram, 0xa5, sizeof ram);
}

static uint64_t first_child(void)
{
    return guest_get_u64(&guest.scenario.image, guest.layout.symbols.iomem_resource.v +
                                                    guest.layout.members.resource_child);
}

START_TEST(ram_below_and_above_the_hole)
{
    static const uint64_t above[] = {0, 0x100001000ULL, 0x240000000ULL};
    set_up_above(above[_i % 3], (unsigned)_i / 3);
    ck_status(kernel_system_ram(&guest.layout, &guest.budget, &ram), STATUS_OK);
    ck_assert_uint_eq(ram.below_4g, guest.scenario.image.shape.ram_size);
    ck_assert_uint_eq(ram.above_4g, above[_i % 3]);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(circles_and_wild_siblings_end)
{
    set_up_above(0, 0);
    uint64_t wild[] = {first_child(), 0xffffdead00000000ULL};
    guest_put_u64(&guest.scenario.image, first_child() + guest.layout.members.resource_sibling,
                  wild[_i]);
    ck_assert_int_ne(kernel_system_ram(&guest.layout, &guest.budget, &ram), STATUS_OK);
    ck_assert(unit_all_bytes(&ram, sizeof ram, 0xa5));
    ck_assert_uint_lt(guest.budget.used, 200000);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(no_ram_is_not_found)
{
    set_up_above(0, 0);
    guest_put_u64(&guest.scenario.image,
                  guest.layout.symbols.iomem_resource.v + guest.layout.members.resource_child, 0);
    ck_status(kernel_system_ram(&guest.layout, &guest.budget, &ram), STATUS_NOT_FOUND);
    guest.layout.members.resource_name = KERNEL_ABSENT;
    ck_status(kernel_system_ram(&guest.layout, &guest.budget, &ram), STATUS_UNSUPPORTED);
    ck_assert(unit_all_bytes(&ram, sizeof ram, 0xa5));
    unit_guest_free(&guest);
}
END_TEST

/* Names that cannot be read, or an end of all ones, belong to no System RAM. */
START_TEST(lies_are_not_ram)
{
    set_up_above(0, 0);
    uint64_t at = first_child();
    uint32_t sibling = guest.layout.members.resource_sibling;
    for (unsigned i = 0; i < 3; i++)
        at = guest_get_u64(&guest.scenario.image, at + sibling);
    guest_put_u64(&guest.scenario.image, at + guest.layout.members.resource_end, UINT64_MAX);
    ck_status(kernel_system_ram(&guest.layout, &guest.budget, &ram), STATUS_OK);
    ck_assert_uint_eq(ram.below_4g, 0xa0000);
    guest_put_u64(&guest.scenario.image, first_child() + guest.layout.members.resource_name, 8);
    ck_status(kernel_system_ram(&guest.layout, &guest.budget, &ram), STATUS_OK);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(budget_ends_anywhere)
{
    struct kernel_ram full;
    set_up_above(0x240000000ULL, 1);
    ck_status(kernel_system_ram(&guest.layout, &guest.budget, &full), STATUS_OK);
    uint64_t needed = guest.budget.used;
    for (uint64_t units = 0; units < needed; units++) {
        struct budget budget = budget_of(units);
        memset(&ram, 0xa5, sizeof ram);
        enum status status = kernel_system_ram(&guest.layout, &budget, &ram);
        ck_assert(status == STATUS_BUDGET || status == STATUS_OK);
        if (status == STATUS_OK)
            ck_assert_mem_eq(&ram, &full, sizeof ram);
        else
            ck_assert(unit_all_bytes(&ram, sizeof ram, 0xa5));
    }
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("resource");
    TCase *tests = tcase_create("resource");
    tcase_add_loop_test(tests, ram_below_and_above_the_hole, 0, 6);
    tcase_add_loop_test(tests, circles_and_wild_siblings_end, 0, 2);
    tcase_add_test(tests, no_ram_is_not_found);
    tcase_add_test(tests, lies_are_not_ram);
    tcase_add_test(tests, budget_ends_anywhere);
    suite_add_tcase(suite, tests);
    return suite;
}
