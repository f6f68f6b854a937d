/* tcp/scan.h, tcp_read_counters: sums over the possible CPUs, which wrap like the kernel's. */
#include "unit.h"

static struct unit_guest guest;
static struct tcp_namespace space;

static void set_up_cpus(unsigned cpus, unsigned variant)
{
    struct scenario_options options = scenario_defaults();
    options.cpus = cpus;
    options.variant = variant;
    options.no_sockets = true;
    unit_guest_make(&guest, &options);
    space = (struct tcp_namespace){.net = gva(guest.scenario.nets[0].at), .inum = 7};
}

static enum status read_counters(void)
{
    return tcp_read_counters(&guest.layout, &guest.budget, &space);
}

START_TEST(sums_of_all_cpus)
{
    set_up_cpus(1 + (unsigned)_i % 4, (unsigned)_i / 4);
    ck_status(read_counters(), STATUS_OK);
    ck_assert(space.has_counters);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        ck_assert_uint_eq(space.counters[i], guest.scenario.counters[i]);
    space.net = gva(guest.scenario.nets[1].at);
    ck_status(read_counters(), STATUS_OK);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        ck_assert_uint_eq(space.counters[i], 0);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(a_counter_that_the_kernel_lacks_is_skipped)
{
    set_up_cpus(2, 0);
    guest.layout.counters[COUNTER_OUT_RSTS] = KERNEL_ABSENT;
    ck_status(read_counters(), STATUS_OK);
    ck_assert_uint_eq(space.counters[COUNTER_OUT_RSTS], 0);
    ck_assert_uint_eq(space.counters[COUNTER_TIME_WAITED],
                      guest.scenario.counters[COUNTER_TIME_WAITED]);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(unknown_layouts_are_unsupported)
{
    set_up_cpus(2, 0);
    struct kernel_layout layout = guest.layout;
    uint32_t *const members[] = {&guest.layout.members.net_tcp_mib,
                                 &guest.layout.members.net_linux_mib,
                                 &guest.layout.members.cpumask_size};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        *members[i] = KERNEL_ABSENT;
        ck_status(read_counters(), STATUS_UNSUPPORTED);
        guest.layout = layout;
    }
    guest.layout.symbols.per_cpu_offset = gva(0);
    ck_status(read_counters(), STATUS_UNSUPPORTED);
    guest.layout = layout;
    guest.layout.symbols.cpu_possible_mask = gva(0);
    ck_status(read_counters(), STATUS_UNSUPPORTED);
    ck_assert(!space.has_counters);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(failures_leave_the_namespace_alone)
{
    struct tcp_namespace before;
    set_up_cpus(3, 1);
    ck_status(read_counters(), STATUS_OK);
    uint64_t needed = guest.budget.used;
    space.has_counters = false;
    memset(space.counters, 0xa5, sizeof space.counters);
    before = space;
    for (uint64_t units = 0; units < 24 && units < needed; units++) {
        guest.budget = budget_of(units);
        ck_status(read_counters(), STATUS_BUDGET);
        ck_assert_mem_eq(&space, &before, sizeof space);
    }
    unit_guest_free(&guest);
}
END_TEST

/* A mask that promises CPUs which are not there, and a pointer to nowhere. */
START_TEST(wild_cpus_and_pointers)
{
    set_up_cpus(2, 0);
    struct tcp_namespace before = space;
    uint64_t mib = space.net.v + guest.layout.members.net_tcp_mib;
    guest_put_u64(&guest.scenario.image, mib, 0xffff000000000000ULL);
    ck_assert_int_ne(read_counters(), STATUS_OK);
    ck_assert_mem_eq(&space, &before, sizeof space);
    guest_put_u64(&guest.scenario.image, guest.scenario.kernel.possible_mask, UINT64_MAX);
    guest_put_u64(&guest.scenario.image, guest.scenario.kernel.per_cpu_offset + 16, 1ULL << 60);
    ck_assert_int_ne(read_counters(), STATUS_OK);
    ck_assert_mem_eq(&space, &before, sizeof space);
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("counters");
    TCase *tests = tcase_create("counters");
    tcase_add_loop_test(tests, sums_of_all_cpus, 0, 8);
    tcase_add_test(tests, a_counter_that_the_kernel_lacks_is_skipped);
    tcase_add_test(tests, unknown_layouts_are_unsupported);
    tcase_add_test(tests, failures_leave_the_namespace_alone);
    tcase_add_test(tests, wild_cpus_and_pointers);
    suite_add_tcase(suite, tests);
    return suite;
}
