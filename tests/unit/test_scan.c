/* tcp/scan.h on a guest that holds still: everything is listed, once, as it is; lies are not. */
#include "unit.h"

static struct unit_guest guest;
static struct unit_scan scan;

static void set_up_with(const struct scenario_options *options)
{
    unit_guest_make(&guest, options);
}

static void tear_down(void)
{
    unit_scan_free(&scan);
    unit_guest_free(&guest);
}

static struct scenario_options variation(int i)
{
    struct scenario_options o = scenario_defaults();
    switch (i) {
    case 1:
        o.variant = 1;
        break;
    case 2:
        o.levels = 5;
        break;
    case 3:
        o.buckets = 1;
        o.private_buckets = 1;
        o.listen_buckets = 1;
        break;
    case 4:
        o.buckets = 8192;
        break;
    case 5:
        o.folded_v6 = true;
        break;
    case 6:
        o.bulk = 400;
        o.buckets = 16;
        break;
    case 7:
        o.variant = 1;
        o.levels = 5;
        o.bulk = 100;
        o.buckets = 2048;
        break;
    case 8:
        o.no_sockets = true;
        break;
    default:
        break;
    }
    return o;
}

enum {
    VARIATIONS = 9
};

START_TEST(everything_is_listed_once)
{
    struct scenario_options options = variation(_i);
    set_up_with(&options);
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    unit_check_complete(&guest, &scan);
    ck_assert_uint_eq(scan.summary.namespaces, SCENARIO_NETS);
    ck_assert_uint_eq(scan.summary.namespaces_missed, 0);
    ck_assert_uint_eq(scan.summary.tables, 2);
    ck_assert_uint_eq(scan.summary.buckets,
                      options.buckets + options.private_buckets + options.listen_buckets);
    ck_assert_uint_eq(scan.summary.retries + scan.summary.torn + scan.summary.unconfirmed, 0);
    ck_assert_uint_eq(scan.summary.faults + scan.summary.anomaly_count, 0);
    tear_down();
}
END_TEST

/* The hash of both kinds of address: of Linux up to 6.4, and of every one since. */
START_TEST(every_tuple_is_confirmed_by_its_key)
{
    struct scenario_options options = scenario_defaults();
    options.folded_v6 = _i == 1;
    set_up_with(&options);
    unit_scan(&guest, &scan);
    for (size_t i = 0; i < scan.count; i++)
        if (scan.records[i].state != TCP_STATE_LISTEN)
            ck_assert_msg(scan.records[i].check == SOCKET_KEYED, "IPv%u port %u not keyed",
                          scan.records[i].tuple.ip_version, scan.records[i].tuple.local_port);
    ck_assert_uint_eq(scan.summary.unkeyed, 0);
    tear_down();
}
END_TEST

/* Chains of all lengths around the room of the workspace. */
START_TEST(any_room_of_at_least_16_will_do)
{
    struct scenario_options options = scenario_defaults();
    options.buckets = options.private_buckets = 1;
    set_up_with(&options);
    for (size_t room = 16; room < 40; room++) {
        scan.stop_after = 0;
        unit_scan_room(&guest, NULL, room, &scan);
        ck_status(scan.status, STATUS_OK);
        unit_check_complete(&guest, &scan);
        unit_scan_free(&scan);
    }
    tear_down();
}
END_TEST

START_TEST(sink_may_stop_anywhere)
{
    struct scenario_options options = scenario_defaults();
    options.buckets = options.private_buckets = 1;
    set_up_with(&options);
    for (size_t n = 1; n < guest.scenario.truth_count; n++) {
        scan.stop_after = n;
        unit_scan_room(&guest, NULL, 16, &scan);
        ck_status(scan.status, STATUS_STOPPED);
        ck_assert_uint_eq(scan.count, n);
        unit_check_true(&guest, &scan);
        unit_scan_free(&scan);
    }
    tear_down();
}
END_TEST

/* A walk that says OK has listed all; one that ran out says so, and what it listed is true. */
START_TEST(budget_ends_anywhere)
{
    struct scenario_options options = scenario_defaults();
    options.bulk = 12;
    options.buckets = options.private_buckets = 8;
    options.variant = (unsigned)_i;
    set_up_with(&options);
    unit_scan(&guest, &scan);
    unit_scan_free(&scan);
    uint64_t needed = UNIT_PLENTY - guest.budget.left;
    for (uint64_t units = 0; units <= needed + 8; units++) {
        uint64_t reads = guest.watched.reads;
        guest.budget = budget_of(units);
        unit_scan(&guest, &scan);
        ck_assert(scan.status == STATUS_OK || scan.status == STATUS_BUDGET);
        ck_assert_uint_le(guest.watched.reads - reads, units);
        if (scan.status == STATUS_OK)
            unit_check_complete(&guest, &scan);
        unit_scan_free(&scan);
    }
    guest.budget = budget_of(needed + 8);
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    tear_down();
}
END_TEST

START_TEST(namespaces_beyond_the_room_are_counted)
{
    struct scenario_options options = scenario_defaults();
    struct tcp_sink sink = {.socket = NULL};
    struct tcp_workspace workspace = {.chain_room = 16, .namespace_room = 1};
    struct tcp_namespace one;
    struct tcp_summary summary;
    options.no_sockets = true;
    set_up_with(&options);
    workspace.namespaces = &one;
    workspace.chain = malloc(16 * sizeof(struct socket_record));
    ck_status(
        tcp_scan(&guest.layout, &guest.secrets, NULL, &workspace, &guest.budget, &sink, &summary),
        STATUS_OK);
    ck_assert_uint_eq(summary.namespaces, SCENARIO_NETS);
    ck_assert_uint_eq(summary.namespaces_missed, SCENARIO_NETS - 1);
    ck_assert_uint_eq(workspace.namespace_count, 1);
    ck_assert_uint_eq(one.net.v, guest.scenario.nets[0].at);
    ck_assert_uint_eq(one.inum, guest.scenario.nets[0].inum);
    ck_assert_uint_eq(one.hash_mix, guest.scenario.nets[0].hash_mix);
    ck_assert_uint_eq(one.hashinfo.v, guest.scenario.nets[0].hashinfo);
    free(workspace.chain);
    tear_down();
}
END_TEST

/*
 * What a hostile kernel can do to one connection. Each row stores `value` (or flips, when `flip`)
 * at a member of one socket; nothing untrue may be listed, and the trouble must be counted.
 */
static const struct {
    const char *what;
    size_t member; /* in struct kernel_members */
    uint64_t value;
    unsigned width;
    bool flip;
} lies[] = {
    {"hash of another bucket", offsetof(struct kernel_members, common_hash), 1, 4, true},
    {"hash of the same bucket", offsetof(struct kernel_members, common_hash), 1U << 31, 4, true},
    {"another address", offsetof(struct kernel_members, common_daddr), 0x100, 4, true},
    {"another local port", offsetof(struct kernel_members, common_num), 2, 2, true},
    {"another remote port", offsetof(struct kernel_members, common_dport), 2, 2, true},
    {"no family", offsetof(struct kernel_members, common_family), 0, 2, false},
    {"unknown family", offsetof(struct kernel_members, common_family), 17, 2, false},
    {"the other family", offsetof(struct kernel_members, common_family), 10, 2, false},
    {"state 0", offsetof(struct kernel_members, common_state), 0, 1, false},
    {"state 200", offsetof(struct kernel_members, common_state), 200, 1, false},
    {"a listener among connections", offsetof(struct kernel_members, common_state), 10, 1, false},
    {"wild namespace", offsetof(struct kernel_members, common_net), 0xdead00000000ULL, 8, false},
    {"no namespace", offsetof(struct kernel_members, common_net), 0, 8, false},
    {"wild next node", offsetof(struct kernel_members, common_nulls_node), 0xffffdeadbeef0000ULL, 8,
     false},
    {"next node 0", offsetof(struct kernel_members, common_nulls_node), 0, 8, false},
    {"another bucket's end", offsetof(struct kernel_members, common_nulls_node), 0x7fff, 8, false},
    {"a listener's end", offsetof(struct kernel_members, common_nulls_node), 0x40000001ULL, 8,
     false},
};

static void tell_lie(int i, struct gva sock)
{
    struct guest_image *image = &guest.scenario.image;
    const unsigned char *members = (const unsigned char *)&guest.layout.members;
    uint32_t offset;
    uint64_t value = 0;
    memcpy(&offset, members + lies[i].member, sizeof offset);
    guest_get(image, sock.v + offset, &value, lies[i].width);
    value = lies[i].flip ? value ^ lies[i].value : lies[i].value;
    guest_put(image, sock.v + offset, &value, lies[i].width);
}

static uint64_t troubles(void)
{
    return scan.summary.torn + scan.summary.unconfirmed + scan.summary.faults;
}

/* The secrets are learnt before the lie: an honest walk came first. */
START_TEST(lies_are_counted_and_not_listed)
{
    struct scenario_options options = scenario_defaults();
    options.buckets = 4096;
    set_up_with(&options);
    unit_scan(&guest, &scan);
    unit_scan_free(&scan);
    struct socket_record victim = *scenario_add(&guest.scenario, 0, 0, scenario_plain(7000));
    size_t others = guest.scenario.truth_count - 1;
    tell_lie(_i, victim.sock);
    guest.budget = budget_of(UNIT_PLENTY);
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    ck_assert_msg(troubles() > 0, "%s: not counted", lies[_i].what);
    ck_assert_uint_gt(scan.summary.anomaly_count, 0);
    ck_assert_ptr_nonnull(scan.summary.anomalies[0].what);
    /* The victim may stand as it was when only what follows it is wrong. */
    unit_check_true(&guest, &scan);
    ck_assert_uint_ge(scan.count, others - 1);
    tear_down();
}
END_TEST

START_TEST(nodes_left_out_are_counted_as_unconfirmed)
{
    struct scenario_options options = scenario_defaults();
    set_up_with(&options);
    unit_scan(&guest, &scan);
    unit_scan_free(&scan);
    tell_lie(1, scenario_add(&guest.scenario, 0, 0, scenario_plain(7000))->sock);
    unit_scan(&guest, &scan);
    ck_assert_uint_ge(scan.summary.unconfirmed, 1);
    tear_down();
}
END_TEST

START_TEST(circles_end)
{
    struct scenario_options options = scenario_defaults();
    options.buckets = options.private_buckets = 1;
    set_up_with(&options);
    /* The last socket points back to the n-th from the head. */
    const struct guest_kernel *kernel = &guest.scenario.kernel;
    uint64_t node =
        guest_get_u64(&guest.scenario.image, tcp_bucket_cell(kernel, &guest.scenario.nets[0], 0));
    uint64_t target = 0;
    for (int i = 0; (node & 1) == 0; i++) {
        target = i == _i ? node : target;
        uint64_t next = guest_get_u64(&guest.scenario.image, node);
        if ((next & 1) != 0)
            guest_put_u64(&guest.scenario.image, node, target);
        node = next;
    }
    guest.budget = budget_of(UNIT_PLENTY);
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    ck_assert_uint_ge(troubles(), 1);
    unit_check_true(&guest, &scan);
    ck_assert_uint_le(guest.budget.used, 100000);
    tear_down();
}
END_TEST

static const struct {
    const char *what;
    size_t member;
    unsigned width;
    uint64_t value;
} table_lies[] = {
    {"mask of all ones", offsetof(struct kernel_members, hashinfo_ehash_mask), 4, 0xffffffff},
    {"mask with a hole", offsetof(struct kernel_members, hashinfo_ehash_mask), 4, 0x35},
    {"table at 0", offsetof(struct kernel_members, hashinfo_ehash), 8, 0},
    {"table nowhere", offsetof(struct kernel_members, hashinfo_ehash), 8, 0xffffdead00000000ULL},
    {"table at the end of the space", offsetof(struct kernel_members, hashinfo_ehash), 8,
     0xfffffffffffffff8ULL},
    {"no listeners' table", offsetof(struct kernel_members, hashinfo_lhash2), 8, 8},
    {"wild listeners' mask", offsetof(struct kernel_members, hashinfo_lhash2_mask), 4, 0x7ffffffe},
};

START_TEST(wild_tables_are_faults)
{
    struct scenario_options options = scenario_defaults();
    uint32_t offset;
    set_up_with(&options);
    const unsigned char *members = (const unsigned char *)&guest.layout.members;
    memcpy(&offset, members + table_lies[_i].member, sizeof offset);
    guest_put(&guest.scenario.image, guest.scenario.kernel.tcp_hashinfo + offset,
              &table_lies[_i].value, table_lies[_i].width);
    guest.budget = budget_of(UNIT_PLENTY);
    unit_scan(&guest, &scan);
    ck_assert(scan.status == STATUS_OK || scan.status == STATUS_BUDGET);
    ck_assert_msg(scan.status == STATUS_BUDGET || troubles() > 0, "%s", table_lies[_i].what);
    unit_check_true(&guest, &scan);
    tear_down();
}
END_TEST

/* Next pointers of the list of namespaces: a circle past the head, nowhere, and 0. */
START_TEST(broken_list_of_namespaces)
{
    struct scenario_options options = scenario_defaults();
    set_up_with(&options);
    struct guest_image *image = &guest.scenario.image;
    uint32_t list = guest.layout.members.net_list;
    uint64_t wild[] = {guest.scenario.nets[1].at + list, 0xffffdead00000000ULL, 0, 1};
    guest_put_u64(image, guest.scenario.nets[2].at + list, wild[_i]);
    guest.budget = budget_of(UNIT_PLENTY);
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    ck_assert_uint_ge(scan.summary.faults, 1);
    unit_check_complete(&guest, &scan); /* all three were met before the list broke */
    tear_down();
}
END_TEST

START_TEST(without_secrets_the_bucket_must_do)
{
    struct scenario_options options = scenario_defaults();
    set_up_with(&options);
    memset(&guest.secrets, 0, sizeof guest.secrets);
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    unit_check_complete(&guest, &scan);
    for (size_t i = 0; i < scan.count; i++)
        ck_assert(scan.records[i].state == TCP_STATE_LISTEN ||
                  scan.records[i].check == SOCKET_BUCKET_ONLY);
    ck_assert_uint_gt(scan.summary.unkeyed, 0);
    tear_down();
}
END_TEST

/* The direct map as discovery sets it up: no walk of page tables for what lies in it. */
static void open_direct_map(void)
{
    const struct guest_shape *shape = &guest.scenario.image.shape;
    guest.layout.space.windows[1] = (struct paging_window){
        .base = gva(shape->page_offset), .size = shape->ram_size, .first = gpa(0)};
}

/* An idle guest is walked ten times a second: its buckets are read in bulk. */
START_TEST(an_idle_walk_costs_little)
{
    enum {
        BUCKETS = 8192
    };
    struct scenario_options options = scenario_defaults();
    options.no_sockets = true;
    options.buckets = BUCKETS;
    unit_guest_make(&guest, &options);
    open_direct_map();
    uint64_t before = guest.watched.reads;
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    ck_assert_uint_eq(scan.count, 0);
    ck_assert_uint_gt(scan.summary.buckets, BUCKETS);
    ck_assert_uint_le(guest.watched.reads - before, BUCKETS * sizeof(uint64_t) / 512 + 200);
    unit_scan_free(&scan);
    unit_guest_free(&guest);
}
END_TEST

static bool tuple_only(void *context, const struct socket_record *record)
{
    const struct scenario *scenario = context;
    const struct socket_record *truth = scenario_truth(scenario, record->sock);
    ck_assert_ptr_nonnull(truth);
    ck_assert(socket_tuple_equal(&record->tuple, &truth->tuple));
    ck_assert(record->state == truth->state && record->cookie == truth->cookie &&
              record->sequence == truth->sequence && record->netns == truth->netns);
    ck_assert(!record->has_counters && !record->has_creator && !record->has_inode);
    ck_assert(record->cgroup_path[0] == '\0');
    return true;
}

static bool wants_nothing(void *context, const struct socket_record *record)
{
    (void)context, (void)record;
    return false;
}

/* Who wants no more than tuples pays for no more: two or three reads a socket, less the buckets. */
START_TEST(tuples_alone_cost_less)
{
    struct scenario_options options = scenario_defaults();
    struct tcp_namespace spaces[8];
    struct socket_record chain[64];
    struct tcp_workspace workspace = {
        .namespaces = spaces, .namespace_room = 8, .chain = chain, .chain_room = 64};
    struct tcp_summary summary;
    options.bulk = 1000;
    options.buckets = 2048;
    unit_guest_make(&guest, &options);
    const struct tcp_sink sink = {
        .socket = tuple_only, .context = &guest.scenario, .wants = wants_nothing};
    open_direct_map();
    uint64_t before = guest.watched.reads;
    ck_status(
        tcp_scan(&guest.layout, &guest.secrets, NULL, &workspace, &guest.budget, &sink, &summary),
        STATUS_OK);
    ck_assert_uint_eq(summary.sockets, guest.scenario.truth_count);
    /* Head, node twice, head again; the private table is reached by a walk for each read. */
    ck_assert_uint_le(guest.watched.reads - before, 7 * summary.sockets);
    unit_guest_free(&guest);
}
END_TEST

/* What does not move is read once: one read a socket, and the buckets. */
START_TEST(a_guest_that_stands_still_costs_half)
{
    struct scenario_options options = scenario_defaults();
    struct tcp_namespace spaces[8];
    struct socket_record chain[64];
    struct tcp_workspace workspace = {
        .namespaces = spaces, .namespace_room = 8, .chain = chain, .chain_room = 64};
    struct tcp_summary summary;
    options.bulk = 1000;
    options.buckets = 2048;
    unit_guest_make(&guest, &options);
    const struct tcp_sink sink = {
        .socket = tuple_only, .context = &guest.scenario, .wants = wants_nothing, .still = true};
    open_direct_map();
    uint64_t before = guest.watched.reads;
    ck_status(
        tcp_scan(&guest.layout, &guest.secrets, NULL, &workspace, &guest.budget, &sink, &summary),
        STATUS_OK);
    ck_assert_uint_eq(summary.sockets, guest.scenario.truth_count);
    ck_assert_uint_eq(summary.torn + summary.faults + summary.unconfirmed, 0);
    ck_assert_uint_le(guest.watched.reads - before, 2 * summary.sockets);
    unit_guest_free(&guest);
}
END_TEST

/* Lies are left out also where nothing is read twice; no walk is repeated, so nothing comes twice.
 */
START_TEST(lies_are_not_listed_standing_still)
{
    struct scenario_options options = scenario_defaults();
    struct tcp_namespace spaces[8];
    struct socket_record chain[64];
    struct tcp_workspace workspace = {
        .namespaces = spaces, .namespace_room = 8, .chain = chain, .chain_room = 64};
    struct tcp_summary summary;
    options.buckets = 4096;
    unit_guest_make(&guest, &options);
    unit_scan(&guest, &scan);
    unit_scan_free(&scan);
    struct socket_record victim = *scenario_add(&guest.scenario, 0, 0, scenario_plain(7000));
    tell_lie(_i, victim.sock);
    guest.budget = budget_of(UNIT_PLENTY);
    const struct tcp_sink sink = {
        .socket = tuple_only, .context = &guest.scenario, .wants = wants_nothing, .still = true};
    ck_status(
        tcp_scan(&guest.layout, &guest.secrets, NULL, &workspace, &guest.budget, &sink, &summary),
        STATUS_OK);
    ck_assert_uint_gt(summary.torn + summary.unconfirmed + summary.faults, 0);
    ck_assert_uint_eq(summary.retries, 0);
    ck_assert_uint_le(summary.sockets, guest.scenario.truth_count);
    ck_assert_uint_ge(summary.sockets, guest.scenario.truth_count - 2);
    unit_guest_free(&guest);
}
END_TEST

struct slices {
    size_t found;
    unsigned pauses;
};

static bool count_one(void *context, const struct socket_record *record)
{
    struct slices *slices = context;
    ck_assert_ptr_nonnull(scenario_truth(&guest.scenario, record->sock));
    slices->found++;
    return true;
}

static bool pause_always(void *context)
{
    struct slices *slices = context;
    slices->pauses++;
    return true;
}

/* A walk that leaves off wherever it may sees what a walk in one go sees. */
START_TEST(a_walk_in_slices)
{
    struct scenario_options options = scenario_defaults();
    struct tcp_namespace spaces[8];
    struct socket_record chain[64];
    struct tcp_workspace workspace = {
        .namespaces = spaces, .namespace_room = 8, .chain = chain, .chain_room = 64};
    struct slices slices = {0};
    struct tcp_summary summary;
    options.bulk = 1000;
    options.buckets = 2048;
    unit_guest_make(&guest, &options);
    const struct tcp_sink sink = {
        .socket = count_one, .pause = pause_always, .context = &slices, .still = true};
    struct tcp_walk walk = {.layout = &guest.layout,
                            .secrets = &guest.secrets,
                            .workspace = &workspace,
                            .budget = &guest.budget,
                            .sink = &sink,
                            .summary = &summary};
    ck_status(tcp_walk_begin(&walk), STATUS_OK);
    unsigned steps = 1;
    enum status status = tcp_walk_step(&walk);
    for (; status == STATUS_PAUSED; steps++)
        status = tcp_walk_step(&walk);
    ck_status(status, STATUS_OK);
    ck_assert_uint_eq(steps, slices.pauses + 1);
    ck_assert_uint_ge(slices.pauses, 2048 / 512 + 1024 / 512);
    ck_assert_uint_eq(slices.found, guest.scenario.truth_count);
    ck_assert_uint_eq(summary.sockets, guest.scenario.truth_count);
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("scan");
    TCase *tests = tcase_create("scan");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, everything_is_listed_once, 0, VARIATIONS);
    tcase_add_loop_test(tests, every_tuple_is_confirmed_by_its_key, 0, 2);
    tcase_add_test(tests, any_room_of_at_least_16_will_do);
    tcase_add_test(tests, sink_may_stop_anywhere);
    tcase_add_loop_test(tests, budget_ends_anywhere, 0, GUEST_VARIANTS);
    tcase_add_test(tests, namespaces_beyond_the_room_are_counted);
    tcase_add_loop_test(tests, lies_are_counted_and_not_listed, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, nodes_left_out_are_counted_as_unconfirmed);
    tcase_add_loop_test(tests, circles_end, 0, 12);
    tcase_add_loop_test(tests, wild_tables_are_faults, 0, sizeof table_lies / sizeof table_lies[0]);
    tcase_add_loop_test(tests, broken_list_of_namespaces, 0, 4);
    tcase_add_test(tests, without_secrets_the_bucket_must_do);
    tcase_add_test(tests, an_idle_walk_costs_little);
    tcase_add_test(tests, tuples_alone_cost_less);
    tcase_add_test(tests, a_guest_that_stands_still_costs_half);
    tcase_add_loop_test(tests, lies_are_not_listed_standing_still, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, a_walk_in_slices);
    suite_add_tcase(suite, tests);
    return suite;
}
