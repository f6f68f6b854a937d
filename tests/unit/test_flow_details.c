/* flow/table.h: what is learned of a flow while it is open stays with it to its end. */
#include "flow_unit.h"

#include <stdio.h>

static void set_owner(struct socket_record *record, uint32_t pid, const char *comm)
{
    record->owners_known = true;
    record->owner_count = 1;
    record->owners[0].pid = pid;
    (void)snprintf(record->owners[0].comm, sizeof record->owners[0].comm, "%s", comm);
}

static void set_cgroup(struct socket_record *record, const char *path)
{
    (void)snprintf(record->cgroup_path, sizeof record->cgroup_path, "%s", path);
}

/* Established, by this end, with everything known. */
static struct socket_record detailed(uint16_t port)
{
    struct socket_record record = flow_endpoint(port);
    record.has_inode = record.has_creator = record.has_counters = true;
    record.uid = 1000;
    record.creator_uid = 33;
    record.counters =
        (struct socket_counters){.bytes_sent = 500, .bytes_acked = 501, .bytes_received = 43};
    set_owner(&record, 4711, "curl");
    set_cgroup(&record, "/system.slice/app.service");
    return record;
}

static void check_bytes(const struct flow_record *record)
{
    ck_assert(record->has_bytes);
    ck_assert_uint_eq(record->sent, 500);
    ck_assert_uint_eq(record->received, 43);
    ck_assert_uint_eq(record->direction, FLOW_OUTBOUND);
    ck_assert(record->opened_here);
}

static void check_owner(const struct flow_record *record)
{
    ck_assert(record->has_uid && record->has_process);
    ck_assert(record->uid == 1000 && record->pid == 4711);
    ck_assert(strcmp(record->comm, "curl") == 0);
    ck_assert(strcmp(record->cgroup, "/system.slice/app.service") == 0);
}

START_TEST(details_stay_to_the_end)
{
    struct socket_record record = detailed(1000);
    struct socket_record bare = flow_endpoint(1000);
    struct socket_record late = flow_waiting(1000, 0xffff888000100000ULL, 7);
    flow_walk(10, &record);
    flow_walk(20, &bare); /* a walk that was not asked for details */
    bare.state = TCP_STATE_FIN_WAIT1;
    flow_walk(30, &bare);
    flow_walk(40, &late);
    flow_walk(50, NULL);
    ck_assert_str_eq(flow_story(), "OUUC");
    for (size_t i = 0; i < told.count; i++) {
        check_bytes(&told.events[i]);
        check_owner(&told.events[i]);
    }
    ck_assert_uint_eq(table.cgroups.free, 1);
}
END_TEST

/* A connection that waits to be accepted has its creator's user and no process. */
START_TEST(an_owner_comes_later)
{
    struct socket_record record = flow_endpoint(1000);
    record.has_creator = record.has_counters = record.owners_known = true;
    record.creator_uid = 33;
    set_cgroup(&record, "/web");
    flow_walk(10, &record);
    ck_assert_uint_eq(flow_last()->uid, 33);
    ck_assert(flow_last()->has_uid && !flow_last()->has_process);
    ck_assert_str_eq(flow_last()->cgroup, "/web");
    flow_begin_walk(&table, 15);
    ck_assert(flow_wants(&table, &record));
    record.has_inode = true;
    record.uid = 1000;
    set_owner(&record, 7, "accepts");
    flow_walk(20, &record);
    flow_begin_walk(&table, 25);
    ck_assert(!flow_wants(&table, &record));
    /* Handed to another process, then closed by all: the first is remembered. */
    record.uid = 0;
    set_owner(&record, 8, "forked");
    set_cgroup(&record, "/other");
    flow_walk(30, &record);
    record.has_inode = false;
    record.owner_count = 0;
    flow_walk(40, &record);
    flow_walk(50, NULL);
    ck_assert_uint_eq(flow_last()->uid, 1000);
    ck_assert_uint_eq(flow_last()->pid, 7);
    ck_assert_str_eq(flow_last()->comm, "accepts");
    ck_assert_str_eq(flow_last()->cgroup, "/web");
}
END_TEST

/* A request shows its listener's user; the child's own inode counts for more. */
START_TEST(a_listeners_user_gives_way)
{
    struct socket_record request = flow_request(1000);
    struct socket_record child = detailed(1000);
    request.has_inode = true;
    request.uid = 5;
    flow_walk(10, &request);
    flow_walk(20, &child);
    ck_assert_uint_eq(flow_last()->uid, 1000);
    flow_walk(30, NULL);
    request.sock.v += 64;
    flow_walk(40, &request);
    flow_walk(50, NULL);
    ck_assert_uint_eq(flow_last()->action, FLOW_ATTEMPTED);
    ck_assert_uint_eq(flow_last()->uid, 5);
}
END_TEST

START_TEST(bytes_are_those_of_the_last_look)
{
    struct socket_record record = detailed(1000);
    flow_walk(10, &record);
    record.counters.bytes_acked = 801;
    record.counters.bytes_sent = 800;
    record.counters.bytes_received = 99;
    flow_walk(20, &record);
    record.has_counters = false;
    record.counters.bytes_acked = 0;
    flow_walk(30, &record);
    flow_walk(40, NULL);
    ck_assert_uint_eq(flow_last()->sent, 800);
    ck_assert_uint_eq(flow_last()->received, 99);
}
END_TEST

/* Hostile bytes: names without an end. */
START_TEST(names_without_an_end_are_cut)
{
    struct socket_record record = detailed(1000);
    memset(record.owners[0].comm, 'c', sizeof record.owners[0].comm);
    memset(record.cgroup_path, 'p', sizeof record.cgroup_path);
    flow_walk(10, &record);
    ck_assert_uint_eq(strlen(flow_last()->comm), SOCKET_COMM_SIZE - 1);
    ck_assert_uint_eq(strlen(flow_last()->cgroup), SOCKET_CGROUP_SIZE - 1);
}
END_TEST

/* Four cgroups at a time; those that have no flows any more make room. */
START_TEST(cgroups_are_bounded_and_given_back)
{
    char path[32];
    for (unsigned round = 0; round < 10; round++) {
        flow_begin_walk(&table, round);
        for (unsigned port = 1; port <= 12; port++) {
            struct socket_record record = detailed((uint16_t)(port + 100 * round));
            (void)snprintf(path, sizeof path, "/round%u/%u", round, port % 6);
            set_cgroup(&record, path);
            flow_observe(&table, &record);
            ck_assert_str_eq(flow_last()->cgroup,
                             port <= 4 || (port % 6 <= 4 && port % 6 >= 1) ? path : "");
        }
        ck_assert_uint_eq(table.counters.cgroups_missed, (uint64_t)4 * (round + 1));
        flow_end_walk(&table, true);
        flow_walk(1000 + round, NULL); /* all leave */
    }
    ck_assert_uint_eq(table.cgroups.used, 4);
    ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(details_are_wanted_of_what_has_changed)
{
    struct socket_record record = detailed(1000);
    struct socket_record bare = flow_endpoint(1000);
    ck_assert(flow_wants(&table, &bare)); /* it is new */
    flow_walk(10, &record);
    flow_begin_walk(&table, 20);
    ck_assert(!flow_wants(&table, &bare));
    bare.state = TCP_STATE_CLOSE_WAIT;
    ck_assert(flow_wants(&table, &bare));
    bare = flow_endpoint(1000);
    bare.sock.v += 64; /* another on its tuple */
    ck_assert(flow_wants(&table, &bare));
    bare = flow_endpoint(1000);
    bare.cookie = 4;
    ck_assert(flow_wants(&table, &bare));
    bare = flow_waiting(1000, 0xffff888000100000ULL, 7); /* has none */
    ck_assert(!flow_wants(&table, &bare));
    bare = flow_listener(80);
    ck_assert(!flow_wants(&table, &bare));
    bare = flow_endpoint(1001);
    bare.state = TCP_STATE_CLOSE;
    ck_assert(!flow_wants(&table, &bare));
}
END_TEST

/* What there is no room for is not asked about at every walk. */
START_TEST(a_full_table_wants_nothing_new)
{
    flow_begin_walk(&table, 1);
    for (uint16_t port = 1; port <= 16; port++) {
        struct socket_record record = detailed(port);
        flow_observe(&table, &record);
    }
    struct socket_record record = flow_endpoint(17);
    ck_assert(!flow_wants(&table, &record));
    record = flow_endpoint(16);
    record.state = TCP_STATE_CLOSE_WAIT;
    ck_assert(flow_wants(&table, &record));
}
END_TEST

/* In how many of the next `walks` walks the details of the socket are wanted, and then read. */
static unsigned asked_in(unsigned walks, const struct socket_record *full)
{
    struct socket_record bare = flow_socket((enum tcp_state)full->state, full->tuple);
    unsigned asked = 0;
    for (unsigned i = 0; i < walks; i++) {
        flow_begin_walk(&table, i);
        bool wanted = flow_wants(&table, &bare);
        asked += wanted ? 1 : 0;
        flow_observe(&table, wanted ? full : &bare);
        flow_end_walk(&table, true);
    }
    return asked;
}

static void set_up_refresh(uint32_t refresh)
{
    flow_tear_down();
    flow_set_up(&(struct flow_options){
        .flows = 2000, .listeners = 1, .cgroups = 1, .refresh = refresh, .seed = 1});
}

START_TEST(old_details_are_wanted_anew)
{
    for (uint16_t port = 1000; port < 1020; port++) {
        struct socket_record record = detailed(port);
        set_up_refresh(10);
        unsigned asked = asked_in(100, &record);
        ck_assert_uint_ge(asked, 10);
        ck_assert_uint_le(asked, 11);
        set_up_refresh(0);
        ck_assert_uint_eq(asked_in(100, &record), 1);
        table.walk = UINT32_MAX - 5; /* numbers of walks run round */
        set_up_refresh(10);
        table.walk = UINT32_MAX - 50;
        asked = asked_in(100, &record);
        ck_assert_uint_ge(asked, 10);
        ck_assert_uint_le(asked, 11);
    }
}
END_TEST

/* At each of some walks while it can still be accepted, then now and then, also without refresh. */
START_TEST(a_missing_owner_is_asked_for)
{
    struct socket_record record = detailed(1000);
    record.has_inode = false;
    record.owner_count = 0;
    set_up_refresh(0);
    ck_assert_uint_eq(asked_in(FLOW_ASKS, &record), FLOW_ASKS);
    ck_assert_uint_eq(asked_in(10 * FLOW_ASKS, &record), 10);
    record.has_inode = true; /* a socket of the kernel's own has no process */
    ck_assert_uint_eq(asked_in(10 * FLOW_ASKS, &record), 10);
    record.owners_known = false; /* nobody looks for processes */
    ck_assert_uint_eq(asked_in(10 * FLOW_ASKS, &record), 1);
}
END_TEST

/* Flows that came together do not become due together. */
START_TEST(refreshes_are_spread)
{
    enum {
        FLOWS = 1000,
        REFRESH = 20
    };
    set_up_refresh(REFRESH);
    for (unsigned walk = 0; walk < 5 * REFRESH; walk++) {
        unsigned asked = 0;
        flow_begin_walk(&table, walk);
        for (unsigned port = 1; port <= FLOWS; port++) {
            struct socket_record bare = flow_endpoint((uint16_t)port);
            struct socket_record full = detailed((uint16_t)port);
            bool wanted = flow_wants(&table, &bare);
            asked += wanted ? 1 : 0;
            flow_observe(&table, wanted ? &full : &bare);
        }
        flow_end_walk(&table, true);
        if (walk > 0)
            ck_assert_uint_le(asked, 2 * FLOWS / REFRESH);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("flow details");
    TCase *tests = tcase_create("flow details");
    tcase_add_checked_fixture(tests, flow_set_up_usual, flow_tear_down);
    tcase_add_test(tests, details_stay_to_the_end);
    tcase_add_test(tests, an_owner_comes_later);
    tcase_add_test(tests, a_listeners_user_gives_way);
    tcase_add_test(tests, bytes_are_those_of_the_last_look);
    tcase_add_test(tests, names_without_an_end_are_cut);
    tcase_add_test(tests, cgroups_are_bounded_and_given_back);
    tcase_add_test(tests, details_are_wanted_of_what_has_changed);
    tcase_add_test(tests, a_full_table_wants_nothing_new);
    tcase_add_test(tests, old_details_are_wanted_anew);
    tcase_add_test(tests, a_missing_owner_is_asked_for);
    tcase_add_test(tests, refreshes_are_spread);
    suite_add_tcase(suite, tests);
    return suite;
}
