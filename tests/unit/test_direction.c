/* flow/direction.h: who opened a connection, and how much payload each side sent. */
#include "flow/direction.h"

#include "flow_unit.h"

static struct flow_listeners listeners;
static void *room;

static void begin_with(uint32_t count)
{
    room = malloc(flow_listeners_bytes(count)); /* exactly: a byte more is an error of ASan's */
    ck_assert_ptr_nonnull(room);
    memset(room, 0xa5, flow_listeners_bytes(count));
    flow_listeners_init(&listeners, room, count, 42);
}

static void begin(void)
{
    begin_with(4);
}

static void end(void)
{
    free(room);
}

/* What two walks in a row did not see is gone. */
static void forget(void)
{
    flow_listeners_begin_walk(&listeners);
    flow_listeners_begin_walk(&listeners);
}

static struct socket_record listener(const char *address, uint16_t port)
{
    const char *any = strchr(address, ':') == NULL ? "0.0.0.0" : "::";
    return flow_socket(TCP_STATE_LISTEN, flow_tuple(address, port, any, 0));
}

static void listen_on(const char *address, uint16_t port)
{
    struct socket_record socket = listener(address, port);
    flow_listeners_add(&listeners, &socket);
}

static struct socket_record connection(enum tcp_state state)
{
    return flow_socket(state, flow_tuple("10.0.2.15", 80, "192.0.2.7", 40000));
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
        flow_socket(TCP_STATE_LISTEN, flow_tuple("0.0.0.0", 80, "0.0.0.0", 0));
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
    forget();
    ck_assert_int_eq(flow_of(&received, &listeners).direction, FLOW_INBOUND);
}
END_TEST

START_TEST(a_listener_on_the_port_means_inbound)
{
    struct socket_record socket = connection(TCP_STATE_TIME_WAIT);

    ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_OUTBOUND);
    listen_on("0.0.0.0", 80);
    ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_INBOUND);
    socket.netns++;
    ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_OUTBOUND);
}
END_TEST

START_TEST(a_listener_accepts_what_it_is_bound_to)
{
    struct socket_tuple v6 = flow_tuple("2001:db8::1", 80, "2001:db8::2", 40000);
    struct socket_record socket = connection(TCP_STATE_ESTABLISHED);
    struct socket_record socket6 = flow_socket(TCP_STATE_ESTABLISHED, v6);

    listen_on("10.0.2.16", 80);
    listen_on("10.0.2.15", 81);
    ck_assert(flow_of(&socket, &listeners).opened_here);
    listen_on("10.0.2.15", 80);
    ck_assert(!flow_of(&socket, &listeners).opened_here);
    ck_assert(flow_of(&socket6, &listeners).opened_here);
    forget();
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
    forget();
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
        forget();
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
            flow_socket(TCP_STATE_ESTABLISHED, flow_tuple(ends[i][0], 80, ends[i][1], 40000));
        ck_assert_int_eq(flow_of(&socket, &listeners).direction, FLOW_INTERNAL);
    }
}
END_TEST

START_TEST(certain_is_what_the_kernel_counted)
{
    struct socket_record socket = connection(TCP_STATE_ESTABLISHED);

    ck_assert(!flow_opener_of(&socket, &listeners).certain);
    listen_on("0.0.0.0", 80);
    ck_assert(!flow_opener_of(&socket, &listeners).certain);
    count(&socket, 1000, 1001, 43);
    ck_assert(flow_opener_of(&socket, &listeners).certain);
    socket.state = TCP_STATE_FIN_WAIT2; /* the FIN is counted as well */
    ck_assert(!flow_opener_of(&socket, &listeners).certain);
    socket.state = TCP_STATE_SYN_SENT;
    ck_assert(flow_opener_of(&socket, &listeners).certain);
}
END_TEST

START_TEST(listeners_beyond_the_room_are_counted)
{
    for (uint16_t port = 1; port <= 6; port++)
        listen_on("0.0.0.0", port);
    ck_assert_uint_eq(listeners.missed, 2);
    for (uint16_t port = 1; port <= 6; port++) {
        struct socket_record socket = connection(TCP_STATE_ESTABLISHED);
        socket.tuple.local_port = port;
        ck_assert_int_eq(flow_listeners_accept(&listeners, &socket), port <= 4);
    }
}
END_TEST

START_TEST(no_room_is_room_for_none)
{
    end();
    begin_with(0);
    listen_on("0.0.0.0", 80);
    ck_assert_uint_eq(listeners.missed, 1);
    struct socket_record socket = connection(TCP_STATE_ESTABLISHED);
    ck_assert(!flow_listeners_accept(&listeners, &socket));
}
END_TEST

START_TEST(a_listener_is_remembered_for_one_walk_more)
{
    struct socket_record socket = connection(TCP_STATE_ESTABLISHED);

    listen_on("0.0.0.0", 80);
    flow_listeners_begin_walk(&listeners);
    ck_assert(flow_listeners_accept(&listeners, &socket));
    flow_listeners_begin_walk(&listeners);
    ck_assert(!flow_listeners_accept(&listeners, &socket));
}
END_TEST

/* SO_REUSEPORT: many sockets, one listener; no room is lost. */
START_TEST(listeners_that_share_a_port_are_one)
{
    for (unsigned i = 0; i < 100; i++)
        listen_on("10.0.2.15", 80);
    listen_on("10.0.2.15", 81);
    listen_on("10.0.2.16", 80);
    listen_on("::", 80);
    ck_assert_uint_eq(listeners.missed, 0);
}
END_TEST

/* Many of them, so that chains are shared, against what was put in. */
START_TEST(many_listeners)
{
    end();
    begin_with(600);
    for (uint16_t port = 1; port <= 600; port++)
        listen_on(port % 3 == 0 ? "10.0.2.15" : port % 3 == 1 ? "0.0.0.0" : "10.0.2.16", port);
    ck_assert_uint_eq(listeners.missed, 0);
    for (uint16_t port = 1; port <= 700; port++) {
        struct socket_record socket = connection(TCP_STATE_ESTABLISHED);
        socket.tuple.local_port = port;
        ck_assert_int_eq(flow_listeners_accept(&listeners, &socket), port <= 600 && port % 3 != 2);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("direction");
    TCase *tests = tcase_create("direction");

    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_listener_has_no_peer);
    tcase_add_test(tests, handshakes_tell_the_opener);
    tcase_add_test(tests, a_listener_on_the_port_means_inbound);
    tcase_add_test(tests, a_listener_accepts_what_it_is_bound_to);
    tcase_add_test(tests, the_acknowledged_syn_outweighs_a_listener);
    tcase_add_test(tests, payload_leaves_out_syn_and_fin);
    tcase_add_test(tests, both_ends_here_is_internal);
    tcase_add_test(tests, certain_is_what_the_kernel_counted);
    tcase_add_test(tests, no_room_is_room_for_none);
    tcase_add_test(tests, a_listener_is_remembered_for_one_walk_more);
    tcase_add_test(tests, listeners_that_share_a_port_are_one);
    tcase_add_test(tests, many_listeners);
    tcase_add_test(tests, listeners_beyond_the_room_are_counted);
    suite_add_tcase(suite, tests);
    return suite;
}
