/* flow/table.h: one flow for each endpoint of each connection, whatever its tuple was before. */
#include "store.h"

#include "flow_unit.h"

START_TEST(a_connection_opens_waits_and_closes)
{
    struct socket_record open = flow_endpoint(1000);
    struct socket_record late = flow_waiting(1000, 0xffff888000100000ULL, 7);
    flow_walk(10, &open);
    open.state = TCP_STATE_FIN_WAIT1;
    open.cookie = 5; /* assigned at its first use */
    flow_walk(20, &open);
    late.cookie = 5;
    flow_walk(30, &late);
    flow_walk(40, &late);
    flow_walk(50, NULL);
    flow_walk(60, NULL);
    ck_assert_str_eq(flow_story(), "OUUC");
    const struct flow_record *last = &told.events[3];
    ck_assert_uint_eq(last->at, 50);
    ck_assert_uint_eq(last->first_seen, 10);
    ck_assert_uint_eq(last->last_seen, 40);
    ck_assert_uint_eq(last->opened, 1);
    ck_assert_uint_eq(last->state, TCP_STATE_TIME_WAIT);
    ck_assert_uint_eq(last->cookie, 5);
    ck_assert_uint_eq(told.events[0].state, TCP_STATE_ESTABLISHED);
    ck_assert_uint_eq(table.count, 0);
}
END_TEST

START_TEST(a_connection_first_seen_waiting_was_open)
{
    struct socket_record late = flow_waiting(1000, 0xffff888000100000ULL, 7);
    flow_walk(10, &late);
    ck_assert_str_eq(flow_story(), "OU");
    ck_assert_uint_eq(told.events[0].at, 10);
    ck_assert_uint_eq(told.events[1].at, 10);
}
END_TEST

/* FIN_WAIT2 in the time-wait table is not TIME_WAIT yet. */
START_TEST(a_substate_comes_before_time_wait)
{
    struct socket_record late = flow_waiting(1000, 0xffff888000100000ULL, 7);
    late.state = TCP_STATE_FIN_WAIT2;
    flow_walk(10, &late);
    ck_assert_str_eq(flow_story(), "O");
    late.state = TCP_STATE_TIME_WAIT;
    flow_walk(20, &late);
    ck_assert_str_eq(flow_story(), "OU");
}
END_TEST

START_TEST(what_neither_is_nor_becomes_connected_is_no_flow)
{
    static const struct {
        uint8_t state, object;
    } sockets[] = {{TCP_STATE_LISTEN, SOCKET_FULL},
                   {TCP_STATE_BOUND_INACTIVE, SOCKET_FULL},
                   {TCP_STATE_CLOSE, SOCKET_FULL},
                   {TCP_STATE_COUNT, SOCKET_FULL},
                   {UINT8_MAX, SOCKET_FULL},
                   {0, SOCKET_FULL},
                   {TCP_STATE_CLOSE, SOCKET_TIME_WAIT},
                   {UINT8_MAX, SOCKET_TIME_WAIT},
                   {TCP_STATE_COUNT, SOCKET_REQUEST}};
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        struct socket_record record = flow_endpoint((uint16_t)(1000 + i));
        record.state = sockets[i].state;
        record.object = sockets[i].object;
        flow_walk(10 * i, &record);
    }
    ck_assert_str_eq(flow_story(), "");
    ck_assert_uint_eq(table.count, 0);
}
END_TEST

/* Every change of state is told once, what does not change it never. */
START_TEST(updates_are_changes_of_state)
{
    static const uint8_t states[] = {TCP_STATE_ESTABLISHED, TCP_STATE_ESTABLISHED,
                                     TCP_STATE_FIN_WAIT1,   TCP_STATE_FIN_WAIT1,
                                     TCP_STATE_FIN_WAIT2,   TCP_STATE_FIN_WAIT2};
    struct socket_record record = flow_endpoint(1000);
    for (unsigned i = 0; i < sizeof states; i++) {
        record.state = states[i];
        record.has_counters = true;
        record.counters.bytes_acked = i;
        flow_walk(10 + i, &record);
    }
    ck_assert_str_eq(flow_story(), "OUU");
    ck_assert_uint_eq(told.events[1].state, TCP_STATE_FIN_WAIT1);
    ck_assert_uint_eq(told.events[2].state, TCP_STATE_FIN_WAIT2);
    ck_assert_uint_eq(told.events[2].opened, 1);
    struct socket_record late = flow_waiting(1000, 0xffff888000100000ULL, 7);
    late.state = TCP_STATE_FIN_WAIT2; /* another object in the same state */
    flow_walk(20, &late);
    ck_assert_str_eq(flow_story(), "OUU");
    ck_assert_uint_eq(table.counters.time_waits, 0);
    late.state = TCP_STATE_TIME_WAIT;
    flow_walk(21, &late);
    ck_assert_str_eq(flow_story(), "OUUU");
    ck_assert_uint_eq(table.counters.time_waits, 1);
}
END_TEST

/* The last state seen shows who sent the first FIN; a reset shows in none. */
START_TEST(the_reason_of_an_end)
{
    static const struct {
        uint8_t state, close;
    } ends[] = {
        {TCP_STATE_ESTABLISHED, FLOW_CLOSE_UNKNOWN}, {TCP_STATE_FIN_WAIT1, FLOW_CLOSE_FIN_LOCAL},
        {TCP_STATE_FIN_WAIT2, FLOW_CLOSE_FIN_LOCAL}, {TCP_STATE_CLOSING, FLOW_CLOSE_FIN_LOCAL},
        {TCP_STATE_TIME_WAIT, FLOW_CLOSE_FIN_LOCAL}, {TCP_STATE_CLOSE_WAIT, FLOW_CLOSE_FIN_REMOTE},
        {TCP_STATE_LAST_ACK, FLOW_CLOSE_FIN_REMOTE},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct socket_record record = flow_endpoint(1000);
        record.state = ends[i].state;
        flow_walk(2 * i, &record);
        ck_assert_uint_eq(flow_last()->close, FLOW_CLOSE_UNKNOWN);
        flow_walk(2 * i + 1, NULL);
        ck_assert_uint_eq(flow_last()->action, FLOW_CLOSED);
        ck_assert_uint_eq(flow_last()->close, ends[i].close);
    }
}
END_TEST

START_TEST(a_flow_is_described)
{
    struct socket_record open = flow_endpoint(1000);
    struct flow_record record;
    open.bound_if = 3;
    open.cookie = 9;
    flow_walk(10, &open);
    flow_walk(20, &open);
    flow_describe(&table, 0, &record);
    ck_assert(socket_tuple_equal(&record.tuple, &open.tuple));
    ck_assert_uint_eq(record.sock.v, open.sock.v);
    ck_assert_uint_eq(record.at, 20);
    ck_assert_uint_eq(record.first_seen, 10);
    ck_assert_uint_eq(record.last_seen, 20);
    ck_assert_uint_eq(record.opened, 1);
    ck_assert_uint_eq(record.sequence, 0);
    ck_assert_uint_eq(record.netns, FLOW_NETNS);
    ck_assert_uint_eq(record.bound_if, 3);
    ck_assert_uint_eq(record.cookie, 9);
    ck_assert_uint_eq(record.state, TCP_STATE_ESTABLISHED);
    ck_assert_uint_eq(record.witness, FLOW_BY_SCAN);
    ck_assert(!record.has_bytes && !record.has_uid && !record.has_process);
}
END_TEST

/* Two sockets that followed each other on one tuple, and what tells them apart. */
static void reused(struct socket_record first, struct socket_record second, const char *expected)
{
    flow_set_up_usual();
    flow_walk(10, &first);
    flow_walk(20, &second);
    ck_assert_str_eq(flow_story(), expected);
    ck_assert_uint_eq(table.count, 1);
    flow_tear_down();
}

START_TEST(a_tuple_is_reused)
{
    struct socket_record first = flow_endpoint(1000);
    struct socket_record second = first;
    flow_tear_down();
    second.sock.v += 4096;
    reused(first, second, "OCO");
    second = first;
    first.cookie = 8;
    second.cookie = 9;
    reused(first, second, "OCO");
    second.cookie = 0; /* a cookie stays */
    reused(first, second, "OCO");
    first.cookie = 0;
    first.state = TCP_STATE_CLOSE_WAIT; /* a state does not go back */
    reused(first, second, "OCO");
    first = flow_waiting(1000, 0xffff888000100000ULL, 7);
    reused(first, second, "OUCO");
    reused(first, flow_waiting(1000, 0xffff888000100100ULL, 7), "OUCOU");
    reused(first, flow_waiting(1000, 0xffff888000100000ULL, 8), "OUCOU"); /* in the same place */
    reused(first, first, "OU");
    flow_set_up_usual();
}
END_TEST

/* More of them than chains, so that some share one. */
START_TEST(namespaces_and_interfaces_keep_tuples_apart)
{
    enum {
        EACH = 20
    };
    flow_tear_down();
    flow_set_up(&(struct flow_options){.flows = 3 * EACH, .seed = 1});
    for (unsigned round = 0; round < 3; round++) {
        flow_begin_walk(&table, 10 + round);
        for (unsigned i = 0; i < 3 * EACH; i++) {
            struct socket_record record = flow_endpoint(1000);
            record.netns += i < EACH ? i : 0;
            record.bound_if = i >= EACH && i < 2 * EACH ? i : 0;
            record.tuple.ip_version = i >= 2 * EACH ? 6 : 4;
            record.tuple.remote[15] = i >= 2 * EACH ? (unsigned char)i : 0;
            flow_observe(&table, &record);
        }
        flow_end_walk(&table, true);
    }
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], (uint64_t)3 * EACH);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], 0);
}
END_TEST

/* A walk can meet a socket after the TIME_WAIT that it became. */
START_TEST(an_older_object_in_the_same_walk_changes_nothing)
{
    struct socket_record open = flow_endpoint(1000);
    struct socket_record late = flow_waiting(1000, 0xffff888000100000ULL, 7);
    flow_walk(10, &open);
    flow_begin_walk(&table, 20);
    flow_observe(&table, &late);
    flow_observe(&table, &open);
    flow_end_walk(&table, true);
    flow_walk(30, &late);
    ck_assert_str_eq(flow_story(), "OU");
}
END_TEST

START_TEST(an_incomplete_walk_closes_nothing)
{
    struct socket_record open = flow_endpoint(1000);
    flow_walk(10, &open);
    flow_begin_walk(&table, 20);
    flow_end_walk(&table, false);
    ck_assert_str_eq(flow_story(), "O");
    ck_assert_uint_eq(table.counters.incomplete, 1);
    flow_walk(30, &open);
    ck_assert_str_eq(flow_story(), "O");
    flow_walk(40, NULL);
    ck_assert_str_eq(flow_story(), "OC");
    ck_assert_uint_eq(table.counters.walks, 4);
}
END_TEST

/* What does not fit is counted, and what is there stays right. */
START_TEST(a_full_table_counts)
{
    for (unsigned round = 1; round <= 3; round++) {
        flow_begin_walk(&table, round);
        for (uint16_t port = 1; port <= 20; port++) {
            struct socket_record record = flow_endpoint(port);
            flow_observe(&table, &record);
        }
        flow_end_walk(&table, true);
        ck_assert_uint_eq(table.counters.missed, (uint64_t)4 * round);
    }
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], 16);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], 0);
    flow_walk(9, NULL);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], 16);
    struct socket_record record = flow_endpoint(20);
    flow_walk(10, &record);
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], 17);
}
END_TEST

/* No choice of tuples makes a chain long: a guest would need the seed. */
START_TEST(a_chain_is_bounded)
{
    flow_tear_down();
    flow_set_up(&(struct flow_options){.flows = 512, .seed = 0x0123456789abcdefULL});
    uint32_t wanted = 0;
    unsigned found = 0;
    flow_begin_walk(&table, 1);
    for (uint32_t i = 1; found < FLOW_CHAIN_MAX + 10; i++) {
        struct socket_record record = flow_endpoint((uint16_t)i);
        record.netns = i;
        table.events = told.count = 0;
        flow_observe(&table, &record);
        uint32_t head = 0;
        while (table.heads[head] != table.count)
            head++;
        wanted = found == 0 ? head : wanted;
        found += head == wanted ? 1 : 0;
        /* Those of other chains leave again, so that only one grows. */
        if (head != wanted) {
            table.heads[head] = table.flows[table.count - 1].next;
            table.count--;
        }
        if (table.counters.missed > 0)
            break;
    }
    ck_assert_uint_eq(table.count, FLOW_CHAIN_MAX);
    ck_assert_uint_eq(table.counters.missed, 1);
}
END_TEST

/* Thousands of flows that come and go at random, against a plain list. */
START_TEST(many_flows_at_random)
{
    enum {
        PORTS = 300,
        ROUNDS = 60
    };
    static bool open[PORTS];
    uint32_t noise = (uint32_t)_i + 1;
    size_t opened = 0;
    size_t closed = 0;
    flow_tear_down();
    flow_set_up(&(struct flow_options){.flows = PORTS, .seed = (uint64_t)_i});
    memset(open, 0, sizeof open);
    for (unsigned round = 0; round < ROUNDS; round++) {
        flow_begin_walk(&table, round);
        for (unsigned i = 0; i < PORTS; i++) {
            noise = noise * 1664525 + 1013904223;
            bool now = noise >> 30 != 0;
            opened += now && !open[i] ? 1 : 0;
            closed += !now && open[i] ? 1 : 0;
            open[i] = now;
            struct socket_record record = flow_endpoint((uint16_t)i);
            if (now)
                flow_observe(&table, &record);
        }
        flow_end_walk(&table, true);
        told.count = 0; /* only counted here */
        table.events = 0;
    }
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], opened);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], closed);
    ck_assert_uint_eq(table.count, opened - closed);
    ck_assert_uint_eq(table.counters.missed, 0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("flow");
    TCase *tests = tcase_create("flow");
    tcase_add_checked_fixture(tests, flow_set_up_usual, flow_tear_down);
    tcase_add_test(tests, a_connection_opens_waits_and_closes);
    tcase_add_test(tests, a_connection_first_seen_waiting_was_open);
    tcase_add_test(tests, a_substate_comes_before_time_wait);
    tcase_add_test(tests, what_neither_is_nor_becomes_connected_is_no_flow);
    tcase_add_test(tests, updates_are_changes_of_state);
    tcase_add_test(tests, the_reason_of_an_end);
    tcase_add_test(tests, a_flow_is_described);
    tcase_add_test(tests, a_tuple_is_reused);
    tcase_add_test(tests, namespaces_and_interfaces_keep_tuples_apart);
    tcase_add_test(tests, an_older_object_in_the_same_walk_changes_nothing);
    tcase_add_test(tests, an_incomplete_walk_closes_nothing);
    tcase_add_test(tests, a_full_table_counts);
    tcase_add_test(tests, a_chain_is_bounded);
    tcase_add_loop_test(tests, many_flows_at_random, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}
