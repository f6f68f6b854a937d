/* flow/table.h: who opened a flow, and whether both its ends are here. */
#include "flow_unit.h"

static void count(struct socket_record *record, uint64_t sent, uint64_t acked)
{
    record->has_counters = true;
    record->counters.bytes_sent = sent;
    record->counters.bytes_acked = acked;
}

/* A walk of several sockets in their order. */
static void walk_all(uint64_t now, const struct socket_record *records, size_t number)
{
    flow_begin_walk(&table, now);
    for (size_t i = 0; i < number; i++)
        flow_observe(&table, &records[i]);
    flow_end_walk(&table, true);
}

START_TEST(a_listener_seen_first_means_inbound)
{
    struct socket_record both[] = {flow_listener(1000), flow_endpoint(1000)};
    walk_all(10, both, 2);
    ck_assert_uint_eq(flow_last()->direction, FLOW_INBOUND);
    ck_assert(!flow_last()->opened_here);
    walk_all(20, &both[1], 1); /* it has gone: what was told stays */
    walk_all(30, &both[1], 1);
    flow_walk(40, NULL);
    ck_assert_str_eq(flow_story(), "OC");
    ck_assert_uint_eq(flow_last()->direction, FLOW_INBOUND);
    flow_walk(50, &both[1]);
    ck_assert_uint_eq(flow_last()->direction, FLOW_OUTBOUND);
    ck_assert(flow_last()->opened_here);
}
END_TEST

/* A connection that lived between two walks, whichever side it was of. */
START_TEST(a_time_wait_is_oriented_by_listeners)
{
    struct socket_record both[] = {flow_listener(1000), flow_waiting(1000, 64, 1)};
    walk_all(10, both, 2);
    ck_assert_str_eq(flow_story(), "OU");
    ck_assert_uint_eq(told.events[0].direction, FLOW_INBOUND);
    ck_assert_uint_eq(told.events[0].state, TCP_STATE_TIME_WAIT);
    struct socket_record other = flow_waiting(1001, 128, 1);
    flow_walk(20, &other);
    ck_assert_str_eq(flow_story(), "OUOUC");
    ck_assert_uint_eq(told.events[2].direction, FLOW_OUTBOUND);
}
END_TEST

START_TEST(counters_correct_a_guess_once)
{
    struct socket_record both[] = {flow_listener(1000), flow_endpoint(1000)};
    walk_all(10, both, 2);
    ck_assert_uint_eq(flow_last()->direction, FLOW_INBOUND);
    count(&both[1], 10, 11);
    walk_all(20, both, 2);
    both[1].state = TCP_STATE_FIN_WAIT1;
    walk_all(30, both, 2);
    ck_assert_uint_eq(flow_last()->direction, FLOW_OUTBOUND);
    ck_assert_uint_eq(flow_last()->sent, 10);
    count(&both[1], 10, 0); /* nonsense: the kernel's count does not fall */
    walk_all(40, both, 2);
    flow_walk(50, NULL);
    ck_assert_uint_eq(flow_last()->direction, FLOW_OUTBOUND);
}
END_TEST

START_TEST(a_handshake_outweighs_a_listener)
{
    struct socket_record both[] = {flow_listener(1000), flow_endpoint(1000)};
    both[1].state = TCP_STATE_SYN_SENT;
    walk_all(10, both, 2);
    both[1].state = TCP_STATE_ESTABLISHED;
    walk_all(20, both, 2);
    ck_assert_uint_eq(flow_last()->direction, FLOW_OUTBOUND);
}
END_TEST

static struct socket_record mirrored(const struct socket_record *record)
{
    struct socket_record other = *record;
    other.sock.v += 0x1000000;
    memcpy(other.tuple.local, record->tuple.remote, sizeof other.tuple.local);
    memcpy(other.tuple.remote, record->tuple.local, sizeof other.tuple.remote);
    other.tuple.local_port = record->tuple.remote_port;
    other.tuple.remote_port = record->tuple.local_port;
    return other;
}

static struct socket_record bridged(uint16_t port)
{
    return flow_socket(TCP_STATE_ESTABLISHED, flow_tuple("10.0.2.15", port, "172.17.0.1", 80));
}

/* Two addresses of this guest that are no loopback: the second end tells. */
START_TEST(both_ends_in_the_table_are_internal)
{
    static const char *const ends[][2] = {{"10.0.2.15", "172.17.0.1"},
                                          {"2001:db8::1", "2001:db8::2"}};
    for (size_t i = 0; i < 2; i++) {
        struct socket_record both[2];
        both[0] = flow_socket(TCP_STATE_ESTABLISHED, flow_tuple(ends[i][0], 1000, ends[i][1], 80));
        both[1] = mirrored(&both[0]);
        count(&both[1], 0, 0); /* certain: the other opened it */
        walk_all(10, both, 2);
        const struct flow_record *opened = flow_last() - 1;
        ck_assert_uint_eq(opened[0].direction, FLOW_OUTBOUND);
        ck_assert_uint_eq(opened[1].direction, FLOW_INTERNAL);
        ck_assert(!opened[1].opened_here);
        flow_walk(20, NULL);
        ck_assert_uint_eq(flow_last()[-1].direction, FLOW_INTERNAL);
        ck_assert_uint_eq(flow_last()->direction, FLOW_INTERNAL);
        ck_assert(flow_last()->opened_here != flow_last()[-1].opened_here);
        ck_assert(flow_last()->opened_here == (flow_last()->tuple.local_port == 1000));
    }
}
END_TEST

/* What one end knows for certain settles the other's guess, whichever comes first. */
START_TEST(one_end_settles_the_other)
{
    for (unsigned knows = 0; knows < 2; knows++) {
        struct socket_record both[2] = {bridged(1000)};
        both[1] = mirrored(&both[0]);
        count(&both[knows], 5, 0); /* the peer opened it */
        walk_all(10, both, 2);
        flow_walk(20, NULL);
        for (unsigned i = 0; i < 2; i++) {
            const struct flow_record *closed = flow_last() - i;
            bool is_first = closed->tuple.local_port == 1000;
            ck_assert_int_eq(closed->opened_here, is_first == (knows == 1));
        }
    }
}
END_TEST

/* A mirrored tuple elsewhere, or one that is not connected, proves nothing. */
START_TEST(what_is_no_other_end)
{
    for (unsigned i = 0; i < 4; i++) {
        struct socket_record both[2] = {bridged((uint16_t)(1000 + i))};
        both[1] = mirrored(&both[0]);
        both[1].netns += i == 0 ? 1 : 0;
        both[1].bound_if += i == 1 ? 1 : 0;
        both[1].state = i == 2 ? TCP_STATE_SYN_SENT : TCP_STATE_ESTABLISHED;
        both[1].tuple.remote_port = (uint16_t)(both[1].tuple.remote_port + (i == 3 ? 1 : 0));
        walk_all(10, both, 2);
        flow_walk(20, NULL);
        for (unsigned back = 0; back < 2; back++)
            ck_assert_uint_ne(flow_last()[-(int)back].direction, FLOW_INTERNAL);
    }
}
END_TEST

/* A socket connected to itself has one end only. */
START_TEST(a_socket_connected_to_itself)
{
    struct socket_record record =
        flow_socket(TCP_STATE_ESTABLISHED, flow_tuple("127.0.0.1", 99, "127.0.0.1", 99));
    count(&record, 10, 11);
    flow_walk(10, &record);
    flow_walk(20, NULL);
    ck_assert_str_eq(flow_story(), "OC");
    ck_assert_uint_eq(flow_last()->direction, FLOW_INTERNAL);
    ck_assert(flow_last()->opened_here);
}
END_TEST

/* Which end of a connection on localhost opened it shows although both are internal. */
START_TEST(localhost_has_two_ends)
{
    struct socket_record three[3] = {flow_listener(80)};
    three[1] = flow_socket(TCP_STATE_ESTABLISHED, flow_tuple("127.0.0.1", 80, "127.0.0.1", 4000));
    three[2] = mirrored(&three[1]);
    walk_all(10, three, 3);
    ck_assert_str_eq(flow_story(), "OO");
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(told.events[i].direction, FLOW_INTERNAL);
        ck_assert_int_eq(told.events[i].opened_here, i == 1);
    }
}
END_TEST

/* More listeners than room: counted, and connections are told all the same. */
START_TEST(listeners_without_room_are_counted)
{
    flow_begin_walk(&table, 10);
    for (uint16_t port = 1; port <= 20; port++) {
        struct socket_record listener = flow_listener(port);
        flow_observe(&table, &listener);
    }
    struct socket_record record = flow_endpoint(20);
    flow_observe(&table, &record);
    ck_assert_uint_eq(table.listeners.missed, 12);
    ck_assert_str_eq(flow_story(), "O");
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("flow direction");
    TCase *tests = tcase_create("flow direction");
    tcase_add_checked_fixture(tests, flow_set_up_usual, flow_tear_down);
    tcase_add_test(tests, a_listener_seen_first_means_inbound);
    tcase_add_test(tests, a_time_wait_is_oriented_by_listeners);
    tcase_add_test(tests, counters_correct_a_guess_once);
    tcase_add_test(tests, a_handshake_outweighs_a_listener);
    tcase_add_test(tests, both_ends_in_the_table_are_internal);
    tcase_add_test(tests, one_end_settles_the_other);
    tcase_add_test(tests, what_is_no_other_end);
    tcase_add_test(tests, a_socket_connected_to_itself);
    tcase_add_test(tests, localhost_has_two_ends);
    tcase_add_test(tests, listeners_without_room_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
