/* Who opened a connection, and how much payload each side sent. */
#include "flow.h"
#include "suite.h"

static struct listeners listeners;

static void begin(void)
{
    ck_assert(listeners_init(&listeners, 4));
}

static void end(void)
{
    listeners_free(&listeners);
}

static void listen_on(const char *address, uint16_t port)
{
    const char *any = address[0] == ':' ? "::" : "0.0.0.0";
    struct socket_record socket = record_of(TCP_STATE_LISTEN, tuple_of(address, port, any, 0));
    listeners_add(&listeners, &socket);
}

static struct socket_record connection(enum tcp_state state)
{
    return record_of(state, tuple_of("10.0.2.15", 80, "192.0.2.7", 40000));
}

static void count(struct socket_record *socket, uint64_t sent, uint64_t acked, uint64_t received)
{
    socket->has_counters = true;
    socket->counters.bytes_sent = sent;
    socket->counters.bytes_acked = acked;
    socket->counters.bytes_received = received;
}

START_TEST(a_listener_has_no_peer)
{
    struct socket_record socket =
        record_of(TCP_STATE_LISTEN, tuple_of("0.0.0.0", 80, "0.0.0.0", 0));
    struct flow flow = flow_of(&socket, &listeners);

    ck_assert(!flow.has_peer && !flow.opened_here && !flow.has_bytes);
    ck_assert_int_eq(flow.direction, FLOW_UNDIRECTED);
}
END_TEST

START_TEST(handshakes_tell_the_opener)
{
    struct socket_record sent = connection(TCP_STATE_SYN_SENT);
    struct socket_record received = connection(TCP_STATE_SYN_RECV);

    listen_on("0.0.0.0", 80);
    received.object = SOCKET_REQUEST;
    ck_assert_int_eq(flow_of(&sent, &listeners).direction, FLOW_OUTBOUND);
    listeners.count = 0;
    ck_assert_int_eq(flow_of(&received, &listeners).direction, FLOW_INBOUND);
}
END_TEST

START_TEST(a_listener_on_the_port_means_inbound)
{
    struct socket_record socket = connection(TCP_STATE_TIME_WAIT);

    ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_OUTBOUND);
    listen_on("0.0.0.0", 80);
    ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_INBOUND);
    socket.net = gva(socket.net.v + 64); /* another namespace */
    ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_OUTBOUND);
}
END_TEST

START_TEST(a_listener_accepts_what_it_is_bound_to)
{
    struct socket_tuple v6 = tuple_of("2001:db8::1", 80, "2001:db8::2", 40000);
    struct socket_record socket = connection(TCP_STATE_ESTABLISHED);
    struct socket_record socket6 = record_of(TCP_STATE_ESTABLISHED, v6);

    listen_on("10.0.2.16", 80);
    listen_on("10.0.2.15", 81);
    ck_assert(flow_of(&socket, &listeners).opened_here);
    listen_on("10.0.2.15", 80);
    ck_assert(!flow_of(&socket, &listeners).opened_here);
    ck_assert(flow_of(&socket6, &listeners).opened_here);
    listeners.count = 0;
    listen_on("::", 80); /* serves IPv4 as well */
    ck_assert(!flow_of(&socket, &listeners).opened_here);
    ck_assert(!flow_of(&socket6, &listeners).opened_here);
}
END_TEST

START_TEST(the_acknowledged_syn_outweighs_a_listener)
{
    struct socket_record socket = connection(TCP_STATE_ESTABLISHED);

    listen_on("0.0.0.0", 80);
    count(&socket, 1000, 1001, 43);
    ck_assert(flow_of(&socket, &listeners).opened_here);
    listeners.count = 0;
    count(&socket, 0, 0, 43);
    ck_assert(!flow_of(&socket, &listeners).opened_here);
}
END_TEST

START_TEST(payload_leaves_out_syn_and_fin)
{
    static const struct {
        enum tcp_state state;
        bool opened_here;
        uint64_t acked, received, sent_payload, received_payload;
    } cases[] = {
        {TCP_STATE_ESTABLISHED, true, 1001, 43, 1000, 43},
        {TCP_STATE_ESTABLISHED, true, 1, 0, 0, 0},
        {TCP_STATE_FIN_WAIT2, true, 1002, 43, 1000, 43},
        {TCP_STATE_CLOSE_WAIT, true, 1001, 44, 1000, 43},
        {TCP_STATE_CLOSE_WAIT, false, 43, 1001, 43, 1000},
        {TCP_STATE_FIN_WAIT2, false, 44, 1000, 43, 1000},
        {TCP_STATE_FIN_WAIT2, false, 0, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct socket_record socket = connection(cases[i].state);
        listeners.count = 0;
        if (!cases[i].opened_here)
            listen_on("0.0.0.0", 80);
        count(&socket, 5000, cases[i].acked, cases[i].received);
        struct flow flow = flow_of(&socket, &listeners);
        ck_assert_int_eq(flow.opened_here, cases[i].opened_here);
        ck_assert_uint_eq(flow.sent, cases[i].sent_payload);
        ck_assert_uint_eq(flow.received, cases[i].received_payload);
    }
}
END_TEST

START_TEST(both_ends_here_is_internal)
{
    static const char *const ends[][2] = {
        {"127.0.0.1", "127.0.0.53"},
        {"::1", "::1"},
        {"10.0.2.15", "10.0.2.15"},
    };

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct socket_record socket =
            record_of(TCP_STATE_ESTABLISHED, tuple_of(ends[i][0], 80, ends[i][1], 40000));
        ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_INTERNAL);
    }
}
END_TEST

START_TEST(listeners_beyond_the_room_are_counted)
{
    for (uint16_t port = 1; port <= 6; port++)
        listen_on("0.0.0.0", port);
    ck_assert_uint_eq(listeners.count, 4);
    ck_assert_uint_eq(listeners.missed, 2);
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("flow");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_listener_has_no_peer);
    tcase_add_test(tests, handshakes_tell_the_opener);
    tcase_add_test(tests, a_listener_on_the_port_means_inbound);
    tcase_add_test(tests, a_listener_accepts_what_it_is_bound_to);
    tcase_add_test(tests, the_acknowledged_syn_outweighs_a_listener);
    tcase_add_test(tests, payload_leaves_out_syn_and_fin);
    tcase_add_test(tests, both_ends_here_is_internal);
    tcase_add_test(tests, listeners_beyond_the_room_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
