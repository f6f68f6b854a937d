/* flow/table.h: one flow for each endpoint of each connection, whatever its tuple was before. */
#include "flow/table.h"

#include "store.h"
#include "unit.h"

enum {
    EVENTS_MAX = 4096,
    NETNS = 4026531840U
};

static struct told {
    struct flow_record events[EVENTS_MAX];
    size_t count;
} told;

static struct flow_table table;
static void *memory;

static void hear(void *context, const struct flow_record *event)
{
    ck_assert_ptr_eq(context, &told);
    ck_assert_uint_lt(told.count, EVENTS_MAX);
    ck_assert_uint_eq(event->sequence, told.count + 1);
    told.events[told.count++] = *event;
}

static void set_up_room(uint32_t flows, uint64_t seed)
{
    const struct flow_sink sink = {hear, &told};
    const struct flow_options options = {.flows = flows, .seed = seed};
    told.count = 0;
    memory = malloc(flow_table_bytes(&options)); /* exactly: a byte more is an error of ASan's */
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xa5, flow_table_bytes(&options));
    flow_table_init(&table, memory, &options, &sink);
}

static void set_up(void)
{
    set_up_room(16, 42);
}

static void tear_down(void)
{
    free(memory);
}

static struct socket_record endpoint(uint16_t port)
{
    struct socket_record record = {.sock = gva(0xffff888000000000ULL + 4096ULL * port),
                                   .netns = NETNS,
                                   .state = TCP_STATE_ESTABLISHED,
                                   .object = SOCKET_FULL};
    record.tuple = (struct socket_tuple){.local = {10, 0, 2, 15},
                                         .remote = {10, 0, 2, 2},
                                         .local_port = port,
                                         .remote_port = 80,
                                         .ip_version = 4};
    return record;
}

static struct socket_record waiting(uint16_t port, uint64_t at, uint32_t sequence)
{
    struct socket_record record = endpoint(port);
    record.sock = gva(at);
    record.object = SOCKET_TIME_WAIT;
    record.state = TCP_STATE_TIME_WAIT;
    record.sequence = sequence;
    return record;
}

/* A complete walk at `now` that sees at most one socket. */
static void walk(uint64_t now, const struct socket_record *record)
{
    flow_begin_walk(&table, now);
    if (record != NULL)
        flow_observe(&table, record);
    flow_end_walk(&table, true);
}

/* The actions told since the test began, as letters: Opened, Updated, Closed. */
static const char *story(void)
{
    static char letters[EVENTS_MAX + 1];
    for (size_t i = 0; i < told.count; i++)
        letters[i] = "OUC"[told.events[i].action];
    letters[told.count] = '\0';
    return letters;
}

START_TEST(a_connection_opens_waits_and_closes)
{
    struct socket_record open = endpoint(1000);
    struct socket_record late = waiting(1000, 0xffff888000100000ULL, 7);
    walk(10, &open);
    open.state = TCP_STATE_FIN_WAIT1;
    open.cookie = 5; /* assigned at its first use */
    walk(20, &open);
    late.cookie = 5;
    walk(30, &late);
    walk(40, &late);
    walk(50, NULL);
    walk(60, NULL);
    ck_assert_str_eq(story(), "OUUC");
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
    struct socket_record late = waiting(1000, 0xffff888000100000ULL, 7);
    walk(10, &late);
    ck_assert_str_eq(story(), "OU");
    ck_assert_uint_eq(told.events[0].at, 10);
    ck_assert_uint_eq(told.events[1].at, 10);
}
END_TEST

/* FIN_WAIT2 in the time-wait table is not TIME_WAIT yet. */
START_TEST(a_substate_comes_before_time_wait)
{
    struct socket_record late = waiting(1000, 0xffff888000100000ULL, 7);
    late.state = TCP_STATE_FIN_WAIT2;
    walk(10, &late);
    ck_assert_str_eq(story(), "O");
    late.state = TCP_STATE_TIME_WAIT;
    walk(20, &late);
    ck_assert_str_eq(story(), "OU");
}
END_TEST

START_TEST(what_is_not_connected_is_no_flow)
{
    static const struct {
        uint8_t state, object;
    } sockets[] = {{TCP_STATE_LISTEN, SOCKET_FULL},   {TCP_STATE_SYN_SENT, SOCKET_FULL},
                   {TCP_STATE_SYN_RECV, SOCKET_FULL}, {TCP_STATE_SYN_RECV, SOCKET_REQUEST},
                   {TCP_STATE_CLOSE, SOCKET_FULL},    {TCP_STATE_COUNT, SOCKET_FULL},
                   {UINT8_MAX, SOCKET_FULL}};
    for (size_t i = 0; i < sizeof sockets / sizeof *sockets; i++) {
        struct socket_record record = endpoint((uint16_t)(1000 + i));
        record.state = sockets[i].state;
        record.object = sockets[i].object;
        walk(10 * i, &record);
    }
    ck_assert_str_eq(story(), "");
    ck_assert_uint_eq(table.count, 0);
}
END_TEST

/* Two sockets that followed each other on one tuple, and what tells them apart. */
static void reused(struct socket_record first, struct socket_record second, const char *expected)
{
    set_up();
    walk(10, &first);
    walk(20, &second);
    ck_assert_str_eq(story(), expected);
    ck_assert_uint_eq(table.count, 1);
    tear_down();
}

START_TEST(a_tuple_is_reused)
{
    struct socket_record first = endpoint(1000);
    struct socket_record second = first;
    tear_down();
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
    first = waiting(1000, 0xffff888000100000ULL, 7);
    reused(first, second, "OUCO");
    reused(first, waiting(1000, 0xffff888000100100ULL, 7), "OUCOU");
    reused(first, waiting(1000, 0xffff888000100000ULL, 8), "OUCOU"); /* in the same place */
    reused(first, first, "OU");
    set_up();
}
END_TEST

/* Details are read when they tell something new. */
START_TEST(details_are_wanted_of_what_has_changed)
{
    struct socket_record open = endpoint(1000);
    struct socket_record other = endpoint(1001);
    table.refresh = 3;
    walk(10, NULL);
    ck_assert(flow_wants(&table, &open));
    walk(20, &open);
    ck_assert(flow_wants(&table, &open)); /* nobody owns it yet */
    open.has_inode = open.owners_known = true;
    walk(30, &open);
    ck_assert(flow_wants(&table, &open));
    open.owner_count = 1;
    walk(40, &open);
    ck_assert(!flow_wants(&table, &open));
    ck_assert(flow_wants(&table, &other));
    open.has_inode = false;
    walk(50, &open);
    walk(60, &open);
    ck_assert(!flow_wants(&table, &open));
    walk(70, &open);
    ck_assert(flow_wants(&table, &open)); /* three walks old */
    table.refresh = 0;
    ck_assert(!flow_wants(&table, &open));
    open.state = TCP_STATE_CLOSE_WAIT;
    ck_assert(flow_wants(&table, &open));
    open.state = TCP_STATE_LISTEN;
    ck_assert(!flow_wants(&table, &open));
}
END_TEST

START_TEST(a_flow_is_described)
{
    struct socket_record open = endpoint(1000);
    struct flow_record record;
    walk(10, &open);
    walk(20, &open);
    flow_describe(&table, 0, &record);
    ck_assert(socket_tuple_equal(&record.tuple, &open.tuple));
    ck_assert_uint_eq(record.first_seen, 10);
    ck_assert_uint_eq(record.last_seen, 20);
    ck_assert_uint_eq(record.opened, 1);
    ck_assert_uint_eq(record.netns, NETNS);
}
END_TEST

/* More of them than chains, so that some share one. */
START_TEST(namespaces_and_interfaces_keep_tuples_apart)
{
    enum {
        EACH = 20
    };
    tear_down();
    set_up_room(3 * EACH, 1);
    for (unsigned round = 0; round < 3; round++) {
        flow_begin_walk(&table, 10 + round);
        for (unsigned i = 0; i < 3 * EACH; i++) {
            struct socket_record record = endpoint(1000);
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
    struct socket_record open = endpoint(1000);
    struct socket_record late = waiting(1000, 0xffff888000100000ULL, 7);
    walk(10, &open);
    flow_begin_walk(&table, 20);
    flow_observe(&table, &late);
    flow_observe(&table, &open);
    flow_end_walk(&table, true);
    walk(30, &late);
    ck_assert_str_eq(story(), "OU");
}
END_TEST

START_TEST(an_incomplete_walk_closes_nothing)
{
    struct socket_record open = endpoint(1000);
    walk(10, &open);
    flow_begin_walk(&table, 20);
    flow_end_walk(&table, false);
    ck_assert_str_eq(story(), "O");
    ck_assert_uint_eq(table.counters.incomplete, 1);
    walk(30, &open);
    ck_assert_str_eq(story(), "O");
    walk(40, NULL);
    ck_assert_str_eq(story(), "OC");
    ck_assert_uint_eq(table.counters.walks, 4);
}
END_TEST

/* What does not fit is counted, and what is there stays right. */
START_TEST(a_full_table_counts)
{
    for (unsigned round = 1; round <= 3; round++) {
        flow_begin_walk(&table, round);
        for (uint16_t port = 1; port <= 20; port++) {
            struct socket_record record = endpoint(port);
            flow_observe(&table, &record);
        }
        flow_end_walk(&table, true);
        ck_assert_uint_eq(table.counters.missed, (uint64_t)4 * round);
    }
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], 16);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], 0);
    walk(9, NULL);
    ck_assert_uint_eq(table.counters.events[FLOW_CLOSED], 16);
    struct socket_record record = endpoint(20);
    walk(10, &record);
    ck_assert_uint_eq(table.counters.events[FLOW_OPENED], 17);
}
END_TEST

/* No choice of tuples makes a chain long: a guest would need the seed. */
START_TEST(a_chain_is_bounded)
{
    tear_down();
    set_up_room(512, 0x0123456789abcdefULL);
    uint32_t wanted = 0;
    unsigned found = 0;
    flow_begin_walk(&table, 1);
    for (uint32_t i = 1; found < FLOW_CHAIN_MAX + 10; i++) {
        struct socket_record record = endpoint((uint16_t)i);
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
    tear_down();
    set_up_room(PORTS, (uint64_t)_i);
    memset(open, 0, sizeof open);
    for (unsigned round = 0; round < ROUNDS; round++) {
        flow_begin_walk(&table, round);
        for (unsigned i = 0; i < PORTS; i++) {
            noise = noise * 1664525 + 1013904223;
            bool now = noise >> 30 != 0;
            opened += now && !open[i] ? 1 : 0;
            closed += !now && open[i] ? 1 : 0;
            open[i] = now;
            struct socket_record record = endpoint((uint16_t)i);
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
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_connection_opens_waits_and_closes);
    tcase_add_test(tests, a_connection_first_seen_waiting_was_open);
    tcase_add_test(tests, a_substate_comes_before_time_wait);
    tcase_add_test(tests, what_is_not_connected_is_no_flow);
    tcase_add_test(tests, a_tuple_is_reused);
    tcase_add_test(tests, details_are_wanted_of_what_has_changed);
    tcase_add_test(tests, a_flow_is_described);
    tcase_add_test(tests, namespaces_and_interfaces_keep_tuples_apart);
    tcase_add_test(tests, an_older_object_in_the_same_walk_changes_nothing);
    tcase_add_test(tests, an_incomplete_walk_closes_nothing);
    tcase_add_test(tests, a_full_table_counts);
    tcase_add_test(tests, a_chain_is_bounded);
    tcase_add_loop_test(tests, many_flows_at_random, 0, 4);
    suite_add_tcase(suite, tests);
    return suite;
}
