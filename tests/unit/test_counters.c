/* tcp/counters.h: sums over the possible CPUs, which wrap like the kernel's, and what is not known.
 */
#include "tcp/counters.h"

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

static uint64_t bit(enum kernel_counter counter)
{
    return 1ULL << counter;
}

static const uint64_t all = (1ULL << COUNTER_COUNT) - 1;

static bool of_udp(unsigned counter)
{
    return counter >= COUNTER_UDP_IN && counter <= COUNTER_UDP_OUT;
}

static void expect_values(uint64_t known)
{
    ck_assert_uint_eq(space.counters.known, known);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        ck_assert_uint_eq(space.counters.value[i], known >> i & 1 ? guest.scenario.counters[i] : 0);
}

START_TEST(sums_of_all_cpus)
{
    set_up_cpus(1 + (unsigned)_i % 4, (unsigned)_i / 4);
    ck_status(read_counters(), STATUS_OK);
    expect_values(all);
    ck_assert_uint_eq(space.cookie, 0x7000ULL + guest.scenario.nets[0].inum);
    space.net = gva(guest.scenario.nets[1].at);
    ck_status(read_counters(), STATUS_OK);
    ck_assert_uint_eq(space.counters.known, all);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        ck_assert_uint_eq(space.counters.value[i], 0);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(what_the_kernel_lacks_is_not_known)
{
    set_up_cpus(2, 0);
    struct kernel_members *members = &guest.layout.members;
    guest.layout.counters[COUNTER_OUT_RSTS] = KERNEL_ABSENT;
    members->net_mibs[MIB_UDP6] = KERNEL_ABSENT;
    members->net_time_wait_limit = KERNEL_ABSENT;
    members->net_cookie = KERNEL_ABSENT;
    guest.layout.symbols.raw6_proto = gva(0);
    ck_status(read_counters(), STATUS_OK);
    expect_values(all & ~bit(COUNTER_OUT_RSTS) & ~bit(COUNTER_UDP6_IN) &
                  ~bit(COUNTER_UDP6_NO_PORTS) & ~bit(COUNTER_UDP6_ERRORS) & ~bit(COUNTER_UDP6_OUT) &
                  ~bit(COUNTER_TIME_WAIT_USE) & ~bit(COUNTER_TIME_WAIT_LIMIT) &
                  ~bit(COUNTER_RAW6_SOCKETS));
    ck_assert_uint_eq(space.cookie, 0);
    members->net_inuse = KERNEL_ABSENT;
    ck_status(read_counters(), STATUS_OK);
    ck_assert(!counter_known(&space.counters, COUNTER_RAW_SOCKETS));
    unit_guest_free(&guest);
}
END_TEST

/* As with ipv6.disable=1. */
START_TEST(a_mib_that_was_never_made_is_not_known)
{
    set_up_cpus(2, 1);
    const uint32_t *at = guest.layout.members.net_mibs;
    guest_put_u64(&guest.scenario.image, space.net.v + at[MIB_IP6], 0);
    ck_status(read_counters(), STATUS_OK);
    expect_values(all & ~bit(COUNTER_IP6_IN_OCTETS) & ~bit(COUNTER_IP6_DELIVERED) &
                  ~bit(COUNTER_IP6_FORWARDED) & ~bit(COUNTER_IP6_OUT_OCTETS));
    guest_put_u64(&guest.scenario.image, space.net.v + at[MIB_TCP], 0);
    ck_status(read_counters(), STATUS_UNMAPPED);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(unknown_layouts_are_unsupported)
{
    set_up_cpus(2, 0);
    struct kernel_layout layout = guest.layout;
    struct tcp_activity activity;
    uint32_t *const members[] = {&guest.layout.members.net_mibs[MIB_TCP],
                                 &guest.layout.members.cpumask_size};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        *members[i] = KERNEL_ABSENT;
        ck_status(read_counters(), STATUS_UNSUPPORTED);
        ck_status(tcp_read_activity(&guest.layout, &guest.budget, space.net, &activity),
                  STATUS_UNSUPPORTED);
        guest.layout = layout;
    }
    guest.layout.symbols.per_cpu_offset = gva(0);
    ck_status(read_counters(), STATUS_UNSUPPORTED);
    guest.layout = layout;
    guest.layout.symbols.cpu_possible_mask = gva(0);
    ck_status(read_counters(), STATUS_UNSUPPORTED);
    guest.layout = layout;
    guest.layout.counters[COUNTER_IN_SEGS] = KERNEL_ABSENT;
    ck_status(tcp_read_activity(&guest.layout, &guest.budget, space.net, &activity),
              STATUS_UNSUPPORTED);
    ck_assert_uint_eq(space.counters.known, 0);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(failures_leave_the_namespace_alone)
{
    struct tcp_namespace before;
    set_up_cpus(3, 1);
    guest.budget = budget_of(1000);
    ck_status(read_counters(), STATUS_OK);
    uint64_t needed = guest.budget.used;
    memset(&space.counters, 0xa5, sizeof space.counters);
    before = space;
    for (uint64_t units = 0; units < needed; units++) {
        guest.budget = budget_of(units);
        ck_status(read_counters(), STATUS_BUDGET);
        ck_assert_mem_eq(&space, &before, sizeof space);
    }
    unit_guest_free(&guest);
}
END_TEST

/* What one reading may cost: per-CPU memory is in the direct map here, so there are no page walks.
 */
START_TEST(few_reads)
{
    set_up_cpus(4, 0);
    ck_assert_uint_gt(guest.layout.space.windows[0].size, 0);
    guest.layout.space.windows[1] = guest.layout.space.windows[0];
    guest.layout.space.windows[0] =
        (struct paging_window){.base = gva(guest.scenario.image.shape.page_offset),
                               .size = guest.scenario.image.shape.ram_size,
                               .first = gpa(0)};
    struct tcp_activity activity;
    guest.budget = budget_of(1000);
    ck_status(read_counters(), STATUS_OK);
    ck_assert_uint_eq(guest.budget.used, 9 + 9 * 4);
    guest.budget = budget_of(1000);
    ck_status(tcp_read_activity(&guest.layout, &guest.budget, space.net, &activity), STATUS_OK);
    ck_assert_uint_eq(guest.budget.used, 3 + 4);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(activity_is_five_of_them)
{
    set_up_cpus(3, (unsigned)_i);
    const uint64_t *truth = guest.scenario.counters;
    struct tcp_activity activity;
    ck_status(tcp_read_activity(&guest.layout, &guest.budget, space.net, &activity), STATUS_OK);
    ck_assert_uint_eq(activity.in_segs, truth[COUNTER_IN_SEGS]);
    ck_assert_uint_eq(activity.out_segs, truth[COUNTER_OUT_SEGS]);
    ck_assert_uint_eq(activity.active_opens, truth[COUNTER_ACTIVE_OPENS]);
    ck_assert_uint_eq(activity.passive_opens, truth[COUNTER_PASSIVE_OPENS]);
    ck_assert_uint_eq(activity.curr_estab, truth[COUNTER_CURR_ESTAB]);
    for (unsigned i = 0; i < 5; i++) {
        static const enum kernel_counter five[] = {COUNTER_IN_SEGS, COUNTER_OUT_SEGS,
                                                   COUNTER_ACTIVE_OPENS, COUNTER_PASSIVE_OPENS,
                                                   COUNTER_CURR_ESTAB};
        uint64_t counters[COUNTER_COUNT];
        struct tcp_activity after;
        memcpy(counters, truth, sizeof counters);
        counters[five[i]]++;
        tcp_write_counters(&guest.scenario.kernel, &guest.scenario.nets[0], counters);
        ck_status(tcp_read_activity(&guest.layout, &guest.budget, space.net, &after), STATUS_OK);
        ck_assert(!tcp_activity_equal(&activity, &after));
        tcp_write_counters(&guest.scenario.kernel, &guest.scenario.nets[0], truth);
        ck_status(tcp_read_activity(&guest.layout, &guest.budget, space.net, &after), STATUS_OK);
        ck_assert(tcp_activity_equal(&activity, &after));
    }
    unit_guest_free(&guest);
}
END_TEST

/* A mask that promises CPUs which are not there, and pointers to nowhere. */
START_TEST(wild_cpus_and_pointers)
{
    set_up_cpus(2, 0);
    struct tcp_namespace before = space;
    struct tcp_activity activity;
    const uint32_t *at = guest.layout.members.net_mibs;
    uint64_t nowhere = 0xffff000000000000ULL;
    guest_put_u64(&guest.scenario.image, space.net.v + at[MIB_UDP], nowhere);
    ck_status(read_counters(), STATUS_OK);
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        ck_assert_int_eq(counter_known(&space.counters, (enum kernel_counter)i), !of_udp(i));
    space = before;
    guest_put_u64(&guest.scenario.image, space.net.v + at[MIB_TCP], nowhere);
    ck_assert_int_ne(read_counters(), STATUS_OK);
    ck_assert_int_ne(tcp_read_activity(&guest.layout, &guest.budget, space.net, &activity),
                     STATUS_OK);
    ck_assert_mem_eq(&space, &before, sizeof space);
    guest_put_u64(&guest.scenario.image, guest.scenario.kernel.possible_mask, UINT64_MAX);
    guest_put_u64(&guest.scenario.image, guest.scenario.kernel.per_cpu_offset + 16, 1ULL << 60);
    ck_assert_int_ne(read_counters(), STATUS_OK);
    ck_assert_mem_eq(&space, &before, sizeof space);
    unit_guest_free(&guest);
}
END_TEST

static void write_levels(uint32_t use, uint64_t established, uint32_t raw)
{
    uint64_t counters[COUNTER_COUNT] = {0};
    counters[COUNTER_TIME_WAIT_USE] = use;
    counters[COUNTER_CURR_ESTAB] = established;
    counters[COUNTER_RAW_SOCKETS] = raw;
    tcp_write_counters(&guest.scenario.kernel, &guest.scenario.nets[0], counters);
}

START_TEST(levels_that_cannot_be_are_not_known)
{
    set_up_cpus(2, (unsigned)_i);
    write_levels(UINT32_MAX, UINT64_MAX, 0x80000000U);
    ck_status(read_counters(), STATUS_OK);
    ck_assert_uint_eq(space.counters.known,
                      all & ~bit(COUNTER_TIME_WAIT_USE) & ~bit(COUNTER_TIME_WAIT_LIMIT) &
                          ~bit(COUNTER_CURR_ESTAB) & ~bit(COUNTER_RAW_SOCKETS));
    write_levels(5, INT32_MAX, INT32_MAX);
    ck_status(read_counters(), STATUS_OK);
    ck_assert_uint_eq(space.counters.known, all);
    ck_assert_uint_eq(space.counters.value[COUNTER_CURR_ESTAB], INT32_MAX);
    ck_assert_uint_eq(space.counters.value[COUNTER_TIME_WAIT_USE], 5);
    unit_guest_free(&guest);
}
END_TEST

/* A protocol that says its place is outside struct prot_inuse. */
START_TEST(a_wild_protocol_number_is_not_followed)
{
    set_up_cpus(2, (unsigned)_i);
    const struct kernel_members *members = &guest.layout.members;
    uint32_t places = (members->inuse_size - members->inuse_values) / 4;
    uint64_t at = guest.layout.symbols.raw6_proto.v + members->proto_inuse_index;
    static const uint32_t wild[] = {0, 1, 0x3fffffff, UINT32_MAX};
    for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++) {
        guest_put_u32(&guest.scenario.image, at, wild[i] < 2 ? places + wild[i] : wild[i]);
        ck_status(read_counters(), STATUS_OK);
        ck_assert_uint_eq(space.counters.known,
                          all & ~bit(COUNTER_RAW_SOCKETS) & ~bit(COUNTER_RAW6_SOCKETS));
    }
    guest_put_u32(&guest.scenario.image, at, places - 1);
    ck_status(read_counters(), STATUS_OK);
    ck_assert_uint_eq(space.counters.known, all);
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("counters");
    TCase *tests = tcase_create("counters");
    tcase_add_loop_test(tests, sums_of_all_cpus, 0, 8);
    tcase_add_test(tests, what_the_kernel_lacks_is_not_known);
    tcase_add_test(tests, a_mib_that_was_never_made_is_not_known);
    tcase_add_test(tests, unknown_layouts_are_unsupported);
    tcase_add_test(tests, failures_leave_the_namespace_alone);
    tcase_add_test(tests, few_reads);
    tcase_add_loop_test(tests, activity_is_five_of_them, 0, 2);
    tcase_add_test(tests, wild_cpus_and_pointers);
    tcase_add_loop_test(tests, levels_that_cannot_be_are_not_known, 0, 2);
    tcase_add_loop_test(tests, a_wild_protocol_number_is_not_followed, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
