/* flow/table.h: sockets that connect, and what becomes of them. */
#include "flow_unit.h"

static struct socket_record connecting(uint16_t port)
{
    struct socket_record record = flow_endpoint(port);
    record.state = TCP_STATE_SYN_SENT;
    return record;
}

START_TEST(an_attempt_is_told_when_it_is_gone)
{
    struct socket_record record = connecting(1000);
    flow_walk(10, &record);
    flow_walk(20, &record); /* a SYN sent again is still the same attempt */
    ck_assert_str_eq(flow_story(), "");
    ck_assert_uint_eq(table.count, 1);
    flow_walk(30, NULL);
    flow_walk(40, NULL);
    ck_assert_str_eq(flow_story(), "A");
    ck_assert_uint_eq(flow_last()->opened, 0);
    ck_assert_uint_eq(flow_last()->state, TCP_STATE_SYN_SENT);
    ck_assert_uint_eq(flow_last()->direction, FLOW_OUTBOUND);
    ck_assert_uint_eq(flow_last()->first_seen, 10);
    ck_assert_uint_eq(flow_last()->last_seen, 20);
    ck_assert_uint_eq(flow_last()->at, 30);
    ck_assert_uint_eq(flow_last()->close, FLOW_CLOSE_UNKNOWN);
    ck_assert_uint_eq(table.attempts, 0);
}
END_TEST

START_TEST(an_attempt_that_connects_is_a_flow)
{
    struct socket_record record = connecting(1000);
    flow_walk(10, &record);
    record.state = TCP_STATE_ESTABLISHED;
    flow_walk(20, &record);
    ck_assert_str_eq(flow_story(), "O");
    ck_assert_uint_eq(table.attempts, 0);
    ck_assert_uint_eq(flow_last()->first_seen, 10);
    ck_assert_uint_eq(flow_last()->opened, 1);
    ck_assert(flow_last()->opened_here);
    flow_walk(30, NULL);
    ck_assert_str_eq(flow_story(), "OC");
}
END_TEST

/* The child of a request is another object; with Fast Open it need never be ESTABLISHED. */
START_TEST(a_request_becomes_a_flow)
{
    static const uint8_t states[] = {TCP_STATE_ESTABLISHED, TCP_STATE_SYN_RECV, TCP_STATE_FIN_WAIT1,
                                     TCP_STATE_CLOSE_WAIT};
    for (size_t i = 0; i < sizeof states; i++) {
        struct socket_record request = flow_request(1000);
        struct socket_record child = flow_endpoint(1000);
        flow_walk(10, &request);
        child.state = states[i];
        flow_walk(20, &child);
        child.state = TCP_STATE_FIN_WAIT2;
        flow_walk(30, &child);
        ck_assert_uint_eq(table.attempts, 0);
        ck_assert_uint_eq(flow_last()->direction, FLOW_INBOUND);
        flow_walk(40, NULL);
    }
    ck_assert_str_eq(flow_story(), "OUCOCOUCOUC");
}
END_TEST

/* A connection of which no walk saw more than the request and TIME_WAIT. */
START_TEST(a_request_and_a_time_wait)
{
    struct socket_record request = flow_request(1000);
    struct socket_record late = flow_waiting(1000, 0xffff888000200000ULL, 7);
    flow_walk(10, &request);
    flow_walk(20, &late);
    ck_assert_str_eq(flow_story(), "OU");
    ck_assert_uint_eq(flow_last()->direction, FLOW_INBOUND);
}
END_TEST

/* One tuple, one attempt after the other. */
START_TEST(attempts_follow_each_other)
{
    struct socket_record first = connecting(1000);
    struct socket_record second = connecting(1000);
    second.sock.v += 64;
    flow_walk(10, &first);
    flow_walk(20, &second);
    ck_assert_str_eq(flow_story(), "A");
    struct socket_record request = flow_request(1001);
    flow_walk(30, &request);
    request.sock.v += 64;
    flow_walk(40, &request);
    ck_assert_str_eq(flow_story(), "AAA");
    struct socket_record open = flow_endpoint(1001);
    flow_walk(50, &open);
    flow_walk(60, &request); /* the connection is over: its tuple is asked for again */
    ck_assert_str_eq(flow_story(), "AAAOC");
    flow_walk(70, NULL);
    ck_assert_str_eq(flow_story(), "AAAOCA");
    ck_assert_uint_eq(table.attempts, 0);
    ck_assert_uint_eq(table.count, 0);
}
END_TEST

/* A cookie goes from the request to its child. */
START_TEST(a_cookie_tells_whose_child_it_is)
{
    struct socket_record request = flow_request(1000);
    struct socket_record child = flow_endpoint(1000);
    request.cookie = 5;
    child.cookie = 6;
    flow_walk(10, &request);
    flow_walk(20, &child);
    ck_assert_str_eq(flow_story(), "AO");
    request.cookie = child.cookie = 7;
    flow_walk(30, &request);
    flow_walk(40, &child);
    ck_assert_str_eq(flow_story(), "AOCO");
}
END_TEST

/* Where one walk meets both, the request is what was. */
START_TEST(a_request_seen_after_its_child)
{
    struct socket_record request = flow_request(1000);
    struct socket_record child = flow_endpoint(1000);
    flow_begin_walk(&table, 10);
    flow_observe(&table, &child);
    flow_observe(&table, &request);
    flow_end_walk(&table, true);
    ck_assert_str_eq(flow_story(), "O");
    flow_begin_walk(&table, 20);
    flow_observe(&table, &request);
    flow_observe(&table, &child);
    flow_end_walk(&table, true);
    ck_assert_str_eq(flow_story(), "OCO");
}
END_TEST

START_TEST(an_incomplete_walk_ends_no_attempt)
{
    struct socket_record record = connecting(1000);
    flow_walk(10, &record);
    flow_begin_walk(&table, 20);
    flow_end_walk(&table, false);
    ck_assert_str_eq(flow_story(), "");
    flow_walk(30, NULL);
    ck_assert_str_eq(flow_story(), "A");
}
END_TEST

/* A flood of requests leaves three quarters of the room to connections. */
START_TEST(attempts_take_a_quarter_of_the_room)
{
    for (uint64_t round = 1; round <= 2; round++) {
        flow_begin_walk(&table, round);
        for (uint16_t port = 1; port <= 100; port++) {
            struct socket_record request = flow_request(port);
            ck_assert_int_eq(flow_wants(&table, &request), port <= 4);
            flow_observe(&table, &request);
        }
        flow_end_walk(&table, true);
        ck_assert_uint_eq(table.attempts, 4);
        ck_assert_uint_eq(table.counters.attempts_missed, 96 * round);
    }
    flow_begin_walk(&table, 3);
    for (uint16_t port = 1; port <= 100; port++) {
        struct socket_record request = flow_request(port);
        flow_observe(&table, &request);
    }
    for (uint16_t port = 101; port <= 112; port++) {
        struct socket_record open = flow_endpoint(port);
        flow_observe(&table, &open);
    }
    flow_end_walk(&table, true);
    ck_assert_uint_eq(table.counters.missed, 0);
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], 12);
    flow_walk(4, NULL);
    ck_assert_uint_eq(table.counters.events[FLOW_ATTEMPTED], 4);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], 12);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("flow attempts");
    TCase *tests = tcase_create("flow attempts");
    tcase_add_checked_fixture(tests, flow_set_up_usual, flow_tear_down);
    tcase_add_test(tests, an_attempt_is_told_when_it_is_gone);
    tcase_add_test(tests, an_attempt_that_connects_is_a_flow);
    tcase_add_test(tests, a_request_becomes_a_flow);
    tcase_add_test(tests, a_request_and_a_time_wait);
    tcase_add_test(tests, attempts_follow_each_other);
    tcase_add_test(tests, a_cookie_tells_whose_child_it_is);
    tcase_add_test(tests, a_request_seen_after_its_child);
    tcase_add_test(tests, an_incomplete_walk_ends_no_attempt);
    tcase_add_test(tests, attempts_take_a_quarter_of_the_room);
    suite_add_tcase(suite, tests);
    return suite;
}
