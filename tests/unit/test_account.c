/*
 * flow/account.h, by a kernel in small: endpoints that live and count as Linux's do, walks that see
 * what is there at their time, and the account of both, which must come out even.
 */
#include "flow/account.h"

#include "flow/table.h"
#include "unit.h"

enum {
    ENDS_MAX = 4096,
    ROOMS = 7,
    LIMIT = 8, /* of time-wait sockets */
    NETNS = 4026531840U
};

struct end {
    struct socket_record socket;
    bool seen;   /* connected, by any walk */
    bool waited; /* as a time-wait socket, by any walk: it lasts longer than a period */
};

static struct world {
    struct counters counters;
    struct end ends[ENDS_MAX];
    size_t count;
    uint64_t now;
    uint64_t opened, unseen, number;
    struct account_namespace space;
    struct account_walk walk;
    uint16_t drop; /* walks do not see this port; 0: they see all */
} world;

static struct flow_table table;
static struct account account;
static void *flow_memory;
static void *account_memory;
static struct coverage_record record, sum;

static void hear(void *context, const struct flow_record *event)
{
    ck_assert_ptr_eq(context, &account);
    account_flow(&account, event);
}

static void set_up(void)
{
    const struct flow_sink sink = {hear, &account};
    const struct flow_options options = {.flows = 1024, .seed = 42};
    memset(&world, 0, sizeof world);
    world.counters.known = (1ULL << COUNTER_COUNT) - 1;
    world.counters.value[COUNTER_ACTIVE_OPENS] = 1000; /* long before */
    world.counters.value[COUNTER_IP_OUT_OCTETS] = 1ULL << 60;
    world.counters.value[COUNTER_TIME_WAIT_LIMIT] = LIMIT;
    world.space = (struct account_namespace){
        .net = gva(0xffff888000001000ULL), .cookie = 1, .inum = NETNS, .counters = &world.counters};
    world.walk = (struct account_walk){.complete = true, .listed = true, .still = true};
    flow_memory = malloc(flow_table_bytes(&options));
    account_memory = malloc(account_bytes(ROOMS)); /* exactly: a byte more is an error of ASan's */
    ck_assert(flow_memory != NULL && account_memory != NULL);
    memset(account_memory, 0xa5, account_bytes(ROOMS));
    flow_table_init(&table, flow_memory, &options, &sink);
    account_init(&account, account_memory, ROOMS);
}

static void tear_down(void)
{
    free(flow_memory);
    free(account_memory);
}

static void count(enum kernel_counter counter, int64_t by)
{
    world.counters.value[counter] += (uint64_t)by;
}

static struct end *add_end(enum tcp_state state)
{
    ck_assert_uint_lt(world.count, ENDS_MAX);
    struct end *end = &world.ends[world.count++];
    uint64_t number = ++world.number;
    *end = (struct end){.socket = {.sock = gva(0xffff888100000000ULL + 4096 * number),
                                   .cookie = number,
                                   .netns = NETNS,
                                   .state = (uint8_t)state,
                                   .object = SOCKET_FULL}};
    end->socket.tuple = (struct socket_tuple){.local = {10, 0, 2, 15},
                                              .remote = {10, 0, (unsigned char)(number >> 16), 2},
                                              .local_port = (uint16_t)number,
                                              .remote_port = 80,
                                              .ip_version = 4};
    return end;
}

/* The last takes its place: pointers to ends are good until then. */
static void remove_end(struct end *end)
{
    bool connected = end->socket.state != TCP_STATE_SYN_SENT;
    world.unseen += connected && !end->seen ? 1 : 0;
    *end = world.ends[--world.count];
}

static struct end *dial(void)
{
    count(COUNTER_ACTIVE_OPENS, 1);
    return add_end(TCP_STATE_SYN_SENT);
}

static struct end *establish(struct end *end)
{
    count(COUNTER_CURR_ESTAB, 1);
    world.opened++;
    end->socket.state = TCP_STATE_ESTABLISHED;
    return end;
}

static struct end *accept_one(void)
{
    count(COUNTER_PASSIVE_OPENS, 1);
    return establish(add_end(TCP_STATE_SYN_RECV));
}

static struct end *connect_one(void)
{
    return establish(dial());
}

static void break_off(struct end *end)
{
    count(COUNTER_ATTEMPT_FAILS, 1);
    remove_end(end);
}

static void reset(struct end *end)
{
    count(COUNTER_ESTAB_RESETS, 1);
    count(COUNTER_CURR_ESTAB, -1);
    remove_end(end);
}

/* This side closes: FIN_WAIT1. */
static void shut(struct end *end)
{
    count(COUNTER_CURR_ESTAB, -1);
    end->socket.state = TCP_STATE_FIN_WAIT1;
}

/* Out of one of the closing states, into `state` of a time-wait socket if there is room for it. */
static void wait_in(struct end *end, enum tcp_state state)
{
    if (world.counters.value[COUNTER_TIME_WAIT_USE] >=
        world.counters.value[COUNTER_TIME_WAIT_LIMIT]) {
        count(COUNTER_TIME_WAIT_OVERFLOW, 1);
        remove_end(end);
        return;
    }
    count(state == TCP_STATE_FIN_WAIT2 ? COUNTER_TIME_WAIT_KILLED : COUNTER_TIME_WAITED, 1);
    count(COUNTER_TIME_WAIT_USE, 1);
    end->socket.object = SOCKET_TIME_WAIT;
    end->socket.sock = gva(end->socket.sock.v + 2048);
    end->socket.sequence = (uint32_t)world.number;
    end->socket.state = (uint8_t)state;
}

static void expire(struct end *end)
{
    count(COUNTER_TIME_WAIT_USE, -1);
    remove_end(end);
}

/* The peer closes, then this side: CLOSE_WAIT, LAST_ACK, gone. */
static void be_left(struct end *end)
{
    end->socket.state = TCP_STATE_CLOSE_WAIT;
    count(COUNTER_CURR_ESTAB, -1);
    end->socket.state = TCP_STATE_LAST_ACK;
    remove_end(end);
}

static void see(struct end *end)
{
    if (world.drop != 0 && end->socket.tuple.local_port == world.drop)
        return;
    flow_observe(&table, &end->socket);
    account_socket(&account, &end->socket);
    if (end->socket.state != TCP_STATE_SYN_SENT)
        end->seen = true;
    end->waited = end->socket.object == SOCKET_TIME_WAIT;
}

static void look(void)
{
    world.now += 100;
    flow_begin_walk(&table, world.now);
    account_begin(&account, world.now);
    account_namespace(&account, &world.space);
    for (size_t i = 0; i < world.count; i++)
        see(&world.ends[i]);
    flow_end_walk(&table, world.walk.complete);
    account_end(&account, &world.walk);
    ck_assert_uint_eq(account_count(&account), 1);
    account_get(&account, 0, &record);
    account_sum(&account, &sum);
}

/* Every check of two witnesses agrees. */
static void expect_agreement(void)
{
    ck_assert_int_eq(record.established_excess, 0);
    ck_assert_int_eq(record.waiting_excess, 0);
    ck_assert_int_eq(record.reached_excess, 0);
    ck_assert_int_eq(record.open_excess, 0);
}

/* And the residue is what no walk can have seen. */
static void expect_even(void)
{
    expect_agreement();
    ck_assert_int_eq(record.residue, (int64_t)world.unseen);
    ck_assert_uint_eq(record.untraced, world.unseen);
    ck_assert_int_eq(record.unexplained, 0);
    ck_assert(record.anomalies == 0 && !record.lower_bound);
}

START_TEST(what_was_there_is_no_open)
{
    set_up();
    (void)connect_one();
    shut(accept_one());
    struct end *end = accept_one();
    shut(end);
    wait_in(end, TCP_STATE_TIME_WAIT);
    (void)dial();
    world.opened = 0;
    look();
    ck_assert_uint_eq(record.baseline, 3);
    ck_assert_uint_eq(record.opened, 0);
    ck_assert_uint_eq(record.recorded, 0);
    ck_assert_uint_eq(record.reached, 0);
    ck_assert_uint_eq(record.established, 1);
    ck_assert_uint_eq(record.waiting, 1);
    ck_assert_int_eq(record.connecting, 0);
    ck_assert_uint_eq(record.octets_out, 0);
    ck_assert_int_eq(record.residue, 0);
    ck_assert(record.has_opened && record.complete && record.still && !record.lower_bound);
    ck_assert_uint_eq(record.netns, NETNS);
    /* All of it ends, and still none of it is an open. */
    expire(&world.ends[2]);
    wait_in(&world.ends[1], TCP_STATE_TIME_WAIT);
    reset(&world.ends[0]);
    look();
    ck_assert_uint_eq(record.baseline, 3);
    ck_assert_uint_eq(record.closed, 2);
    ck_assert_uint_eq(record.reached, 1);
    ck_assert_int_eq(record.residue, 0);
    ck_assert_int_eq(record.unexplained, 0);
    tear_down();
}
END_TEST

/* Ways to live between two walks, or over some. */
static void live_held(void)
{
    (void)connect_one();
    (void)accept_one();
}

static void live_briefly_and_wait(void)
{
    struct end *end = connect_one();
    shut(end);
    wait_in(end, TCP_STATE_TIME_WAIT);
}

static void live_briefly_and_be_left(void)
{
    be_left(accept_one());
}

static void live_briefly_and_be_reset(void)
{
    reset(connect_one());
}

static void live_on_localhost(void)
{
    struct end *client = connect_one();
    shut(client);
    wait_in(client, TCP_STATE_TIME_WAIT);
    be_left(accept_one());
}

static void fail_between_walks(void)
{
    break_off(dial());
}

static void go_on_connecting(void)
{
    (void)dial();
    (void)dial();
}

static void half_close(void)
{
    struct end *end = connect_one();
    shut(end);
    wait_in(end, TCP_STATE_FIN_WAIT2);
    look();
    expire(&world.ends[world.count - 1]);
}

static void half_close_and_end(void)
{
    struct end *end = connect_one();
    shut(end);
    wait_in(end, TCP_STATE_FIN_WAIT2);
    look();
    world.ends[world.count - 1].socket.state = TCP_STATE_TIME_WAIT;
}

static void wait_without_room(void)
{
    for (unsigned i = 0; i < LIMIT + 3; i++)
        live_briefly_and_wait();
}

static const struct life {
    void (*live)(void);
    uint64_t opened, recorded, failed, untraced, reached;
    int64_t connecting;
} lives[] = {
    {live_held, 2, 2, 0, 0, 0, 0},
    {live_briefly_and_wait, 1, 1, 0, 0, 1, 0},
    {live_briefly_and_be_left, 1, 0, 0, 1, 0, 0},
    {live_briefly_and_be_reset, 1, 0, 0, 1, 0, 0},
    {live_on_localhost, 2, 1, 0, 1, 1, 0},
    {fail_between_walks, 1, 0, 1, 0, 0, 0},
    {go_on_connecting, 2, 0, 0, 0, 0, 2},
    {half_close, 1, 1, 0, 0, 1, 0},
    {half_close_and_end, 1, 1, 0, 0, 1, 0},
    {wait_without_room, LIMIT + 3, LIMIT, 0, 3, LIMIT, 0},
};

START_TEST(lives_come_out_even)
{
    const struct life *life = &lives[_i];
    set_up();
    look();
    life->live();
    look();
    expect_even();
    ck_assert_uint_eq(record.opened, life->opened);
    ck_assert_uint_eq(record.recorded, life->recorded);
    ck_assert_uint_eq(record.failed, life->failed);
    ck_assert_uint_eq(record.untraced, life->untraced);
    ck_assert_uint_eq(record.reached, life->reached);
    ck_assert_int_eq(record.connecting, life->connecting);
    tear_down();
}
END_TEST

static uint64_t chance;

static unsigned draw(unsigned below)
{
    chance = chance * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(chance >> 33) % below;
}

/* One step of one end's life, whatever its state allows. */
static void step(struct end *end)
{
    unsigned way = draw(4);
    if (end->socket.object == SOCKET_TIME_WAIT) {
        if (way == 0 && end->waited)
            expire(end);
        else
            end->socket.state = TCP_STATE_TIME_WAIT;
    } else if (end->socket.state == TCP_STATE_SYN_SENT) {
        if (way == 0)
            break_off(end);
        else
            (void)establish(end);
    } else if (end->socket.state == TCP_STATE_ESTABLISHED) {
        if (way == 0)
            reset(end);
        else if (way == 1)
            be_left(end);
        else
            shut(end);
    } else if (way < 3) {
        wait_in(end, way == 0 ? TCP_STATE_FIN_WAIT2 : TCP_STATE_TIME_WAIT);
    } else {
        remove_end(end); /* reset while closing */
    }
}

START_TEST(any_life_comes_out_even)
{
    set_up();
    chance = (uint64_t)_i;
    for (unsigned i = 0; i < 200; i++)
        (void)(draw(2) == 0 ? connect_one() : accept_one());
    look();
    uint64_t before = world.counters.value[COUNTER_ACTIVE_OPENS] - 1000 +
                      world.counters.value[COUNTER_PASSIVE_OPENS];
    for (unsigned walk = 0; walk < 50; walk++) {
        for (unsigned i = draw(40); i > 0; i--)
            (void)(draw(2) == 0 ? dial() : accept_one());
        for (unsigned i = draw(80); i > 0 && world.count > 0; i--)
            step(&world.ends[draw((unsigned)world.count)]);
        look();
        ck_assert_uint_eq(record.opened + before, world.counters.value[COUNTER_ACTIVE_OPENS] -
                                                      1000 +
                                                      world.counters.value[COUNTER_PASSIVE_OPENS]);
        expect_agreement();
        ck_assert_int_eq(record.unexplained, 0);
        /* One that was seen connecting has a record, if only as an attempt. */
        ck_assert_int_le(record.residue, (int64_t)world.unseen);
        ck_assert_int_ge(record.residue + (int64_t)record.attempted, (int64_t)world.unseen);
    }
    ck_assert(world.unseen > 0 && record.attempted > 0);
    tear_down();
}
END_TEST

/* A walk that does not see a held connection, and says that it saw all. */
START_TEST(a_walk_that_drops_a_bucket_shows)
{
    set_up();
    look();
    uint16_t held = connect_one()->socket.tuple.local_port;
    (void)accept_one();
    world.drop = held;
    look();
    ck_assert_int_eq(record.established_excess, 1);
    ck_assert_int_eq(record.residue, 1);
    ck_assert_int_eq(record.unexplained, 1);
    ck_assert_uint_eq(record.untraced, 0);
    shut(&world.ends[0]);
    wait_in(&world.ends[0], TCP_STATE_TIME_WAIT);
    look();
    ck_assert_int_eq(record.established_excess, 0);
    ck_assert_int_eq(record.waiting_excess, 1);
    ck_assert_int_eq(record.reached_excess, 1);
    ck_assert_int_eq(record.unexplained, 1);
    tear_down();
}
END_TEST

/* What there is no room for in the flow table is no untraced end. */
START_TEST(a_full_flow_table_shows)
{
    set_up();
    look();
    for (unsigned i = 0; i < 1100; i++)
        (void)connect_one();
    look();
    ck_assert_uint_gt(table.counters.missed, 0);
    ck_assert_int_eq(record.established_excess, 0);
    ck_assert_int_eq(record.open_excess, (int64_t)table.counters.missed);
    ck_assert_int_eq(record.unexplained, record.residue);
    ck_assert_int_eq(record.residue, record.open_excess);
    tear_down();
}
END_TEST

/* What was recorded without an open has the other sign. */
START_TEST(the_residue_has_its_sign)
{
    set_up();
    look();
    (void)connect_one();
    count(COUNTER_ACTIVE_OPENS, -1); /* TCP_REPAIR */
    count(COUNTER_IN_SEGS, 7);
    look();
    ck_assert_int_eq(record.residue, -1);
    ck_assert_int_eq(record.unexplained, -1);
    ck_assert_uint_eq(record.untraced, 0);
    tear_down();
}
END_TEST

START_TEST(tracking_begins_with_a_complete_walk)
{
    set_up();
    world.walk.complete = false;
    look();
    (void)connect_one();
    look();
    world.walk.complete = true;
    look();
    ck_assert_uint_eq(record.baseline, 1);
    ck_assert_uint_eq(record.opened, 0);
    ck_assert_uint_eq(record.recorded, 0);
    live_briefly_and_wait();
    look();
    ck_assert_uint_eq(record.opened, 1);
    ck_assert_uint_eq(record.recorded, 1);
    ck_assert_int_eq(record.residue, 0);
    world.walk.complete = world.walk.still = false;
    look();
    ck_assert(!record.complete && !record.still && !sum.complete && !sum.still);
    tear_down();
}
END_TEST

/*
 * Attempts that a walk saw: some of them are AttemptFails as well, others (the application closed
 * the socket while it connected) are not. Requests are no opens.
 */
START_TEST(attempts)
{
    static const struct {
        uint64_t fails, seen, failed;
    } cases[] = {{0, 0, 0}, {3, 0, 3}, {0, 3, 3}, {3, 2, 3}, {2, 3, 3}, {3, 3, 3}};
    set_up();
    look();
    account_begin(&account, ++world.now);
    account_namespace(&account, &world.space);
    count(COUNTER_ACTIVE_OPENS, 3);
    count(COUNTER_ATTEMPT_FAILS, (int64_t)cases[_i].fails);
    struct flow_record event = {.action = FLOW_ATTEMPTED,
                                .netns = NETNS,
                                .first_seen = world.now,
                                .state = TCP_STATE_SYN_SENT};
    for (uint64_t i = 0; i < cases[_i].seen; i++)
        account_flow(&account, &event);
    event.state = TCP_STATE_SYN_RECV;
    account_flow(&account, &event);
    account_end(&account, &world.walk);
    look();
    ck_assert_uint_eq(record.attempted, cases[_i].seen + 1);
    ck_assert_uint_eq(record.failed, cases[_i].failed);
    ck_assert_int_eq(record.residue, 3 - (int64_t)cases[_i].failed);
    tear_down();
}
END_TEST

START_TEST(not_tracked)
{
    set_up();
    look();
    static const enum kernel_counter more[] = {
        COUNTER_UDP_IN,       COUNTER_UDP6_OUT,       COUNTER_UDP_NO_PORTS,  COUNTER_UDP6_ERRORS,
        COUNTER_ICMP_IN,      COUNTER_ICMP6_OUT,      COUNTER_IP_DELIVERED,  COUNTER_IN_SEGS,
        COUNTER_IP_IN_OCTETS, COUNTER_IP6_OUT_OCTETS, COUNTER_IP_OUT_OCTETS, COUNTER_RAW_SOCKETS};
    static const int64_t by[] = {1, 2, 4, 8, 16, 32, 100, 20, 1000, 500, 700, 3};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++)
        count(more[i], by[i]);
    look();
    ck_assert_uint_eq(record.udp, 15);
    ck_assert_uint_eq(record.icmp, 48);
    ck_assert_uint_eq(record.raw_sockets, 3);
    ck_assert_int_eq(record.other_in, 100 - 20 - 13 - 16);
    ck_assert_uint_eq(record.octets_in, 1000);
    ck_assert_uint_eq(record.octets_out, 1200);
    tear_down();
}
END_TEST

/* Payload counts from the start on, and when its flow has ended. */
START_TEST(payload_of_flows_that_ended)
{
    set_up();
    struct flow_record event = {.action = FLOW_CLOSED,
                                .netns = NETNS,
                                .has_bytes = true,
                                .sent = 10,
                                .received = 300,
                                .state = TCP_STATE_ESTABLISHED};
    look();
    account_begin(&account, 200);
    account_namespace(&account, &world.space);
    event.first_seen = 100; /* was there at the start */
    account_flow(&account, &event);
    event.first_seen = 101;
    account_flow(&account, &event);
    event.has_bytes = false;
    account_flow(&account, &event);
    account_end(&account, &world.walk);
    account_get(&account, 0, &record);
    ck_assert_uint_eq(record.payload_in, 300);
    ck_assert_uint_eq(record.payload_out, 10);
    tear_down();
}
END_TEST

START_TEST(what_is_not_known_is_told)
{
    set_up();
    world.counters.known &= ~(1ULL << COUNTER_PASSIVE_OPENS) & ~(1ULL << COUNTER_TIME_WAITED) &
                            ~(1ULL << COUNTER_CURR_ESTAB);
    look();
    (void)connect_one();
    look();
    ck_assert(!record.has_opened && !sum.has_opened);
    ck_assert_uint_eq(record.recorded, 1);
    ck_assert_int_eq(record.residue, 0);
    ck_assert_int_eq(record.established_excess, 0);
    ck_assert_uint_eq(record.established, 1);
    ck_assert(!counter_known(&record.since, COUNTER_PASSIVE_OPENS));
    ck_assert(!record.lower_bound);
    /* Known from now on: what came before is not in it. */
    world.counters.known |= 1ULL << COUNTER_PASSIVE_OPENS;
    world.counters.value[COUNTER_PASSIVE_OPENS] = 77;
    look();
    ck_assert_uint_eq(record.since.value[COUNTER_PASSIVE_OPENS], 0);
    ck_assert(record.has_opened && record.lower_bound);
    tear_down();
}
END_TEST

START_TEST(a_reading_that_fails_is_made_up_for)
{
    set_up();
    look();
    world.counters.known = 0;
    (void)connect_one();
    look();
    ck_assert(record.lower_bound);
    ck_assert_uint_eq(record.opened, 0);
    world.counters.known = (1ULL << COUNTER_COUNT) - 1;
    look();
    expect_even();
    ck_assert_uint_eq(record.opened, 1);
    tear_down();
}
END_TEST

/* Counters that lie: the sums stay within what was shown, and the lie is counted. */
START_TEST(counters_that_lie)
{
    set_up();
    look();
    live_held();
    look();
    static const uint64_t wild[] = {0, UINT64_MAX, 1ULL << 63, 1003 + ACCOUNT_LEAP + 1, 1};
    for (size_t i = 0; i < sizeof wild / sizeof *wild; i++) {
        uint64_t true_value = world.counters.value[COUNTER_ACTIVE_OPENS];
        world.counters.value[COUNTER_ACTIVE_OPENS] = wild[i];
        look();
        ck_assert_uint_eq(record.opened, 2);
        ck_assert_uint_eq(record.anomalies, i + 1);
        ck_assert(record.lower_bound && sum.lower_bound);
        world.counters.value[COUNTER_ACTIVE_OPENS] = true_value;
        look();
        ck_assert_uint_eq(record.opened, 2);
        ck_assert_int_eq(record.residue, 0);
    }
    world.counters.value[COUNTER_ACTIVE_OPENS] += ACCOUNT_LEAP;
    look();
    ck_assert_uint_eq(record.opened, 2 + ACCOUNT_LEAP);
    ck_assert_uint_eq(record.anomalies, 5);
    tear_down();
}
END_TEST

/* However long it goes on, sums stop at their largest. */
START_TEST(sums_end_somewhere)
{
    set_up();
    look();
    for (unsigned i = 0; i < 70000; i++) {
        count(COUNTER_ACTIVE_OPENS, (int64_t)ACCOUNT_LEAP);
        count(COUNTER_IP_IN_OCTETS, (int64_t)ACCOUNT_LEAP);
        if (world.counters.value[COUNTER_ACTIVE_OPENS] < ACCOUNT_LEAP)
            break;
        account_begin(&account, ++world.now);
        account_namespace(&account, &world.space);
        account_end(&account, &world.walk);
    }
    account_sum(&account, &sum);
    ck_assert_uint_gt(sum.opened, 1ULL << 62);
    ck_assert_int_gt(sum.residue, 0);
    ck_assert_int_ge(sum.residue, sum.unexplained);
    tear_down();
}
END_TEST

/* A walk over namespaces alone. */
static void list(const struct account_namespace *spaces, size_t number, bool listed)
{
    const struct account_walk walk = {.complete = listed, .listed = listed, .still = true};
    account_begin(&account, ++world.now);
    for (size_t i = 0; i < number; i++)
        account_namespace(&account, &spaces[i]);
    account_end(&account, &walk);
    account_sum(&account, &sum);
}

static struct counters counters_of(uint64_t opens)
{
    struct counters counters = {.known = (1ULL << COUNTER_COUNT) - 1};
    counters.value[COUNTER_ACTIVE_OPENS] = opens;
    counters.value[COUNTER_TIME_WAIT_USE] = 5;
    return counters;
}

static struct account_namespace space_of(unsigned number, const struct counters *counters)
{
    return (struct account_namespace){.net = gva(0xffff888000000000ULL + 8192ULL * number),
                                      .cookie = 100 + number,
                                      .inum = 4026532000U - number * 7 % 5,
                                      .counters = counters};
}

START_TEST(namespaces_come_and_go)
{
    set_up();
    struct counters counters[3] = {counters_of(10), counters_of(20), counters_of(7)};
    struct account_namespace spaces[3] = {space_of(0, &counters[0]), space_of(1, &counters[1]),
                                          space_of(2, &counters[2])};
    list(spaces, 2, true);
    ck_assert_uint_eq(account_count(&account), 2);
    ck_assert_uint_eq(sum.namespaces, 2);
    ck_assert_uint_eq(sum.opened, 0);
    /* One that is born counts from zero. */
    list(spaces, 3, true);
    ck_assert_uint_eq(sum.opened, 7);
    ck_assert_uint_eq(sum.since.value[COUNTER_TIME_WAIT_USE], 15);
    ck_assert(!sum.lower_bound);
    for (uint32_t i = 0; i + 1 < account_count(&account); i++) {
        struct coverage_record next;
        account_get(&account, i, &record);
        account_get(&account, i + 1, &next);
        ck_assert_uint_lt(record.netns, next.netns);
    }
    /* One that vanishes stays in the sum, and the sum says that it is no more than a lower bound.
     */
    counters[1].value[COUNTER_ACTIVE_OPENS] = 25;
    list(spaces, 3, true);
    list(spaces, 1, true);
    ck_assert_uint_eq(account_count(&account), 1);
    ck_assert_uint_eq(sum.opened, 12);
    ck_assert_uint_eq(sum.namespaces, 1);
    ck_assert_uint_eq(sum.vanished, 2);
    ck_assert_uint_eq(sum.since.value[COUNTER_TIME_WAIT_USE], 5);
    ck_assert(sum.lower_bound);
    account_get(&account, 0, &record);
    ck_assert(!record.lower_bound);
    tear_down();
}
END_TEST

/* A list that is not whole proves neither that a namespace has gone nor that it is new. */
START_TEST(a_list_that_broke_proves_nothing)
{
    set_up();
    struct counters counters[2] = {counters_of(10), counters_of(20)};
    struct account_namespace spaces[2] = {space_of(0, &counters[0]), space_of(1, &counters[1])};
    list(spaces, 1, true);
    list(spaces, 0, false);
    ck_assert_uint_eq(sum.vanished, 0);
    ck_assert_uint_eq(account_count(&account), 1);
    list(spaces, 2, true);
    ck_assert_uint_eq(sum.opened, 0);
    ck_assert(sum.lower_bound);
    counters[1].value[COUNTER_ACTIVE_OPENS] += 3;
    list(spaces, 2, true);
    ck_assert_uint_eq(sum.opened, 3);
    tear_down();
}
END_TEST

/* The inode number of a namespace goes to the next that is made, and often its memory does. */
START_TEST(one_number_two_namespaces)
{
    set_up();
    struct counters old = counters_of(50);
    struct counters young = counters_of(4);
    struct account_namespace before = space_of(0, &old);
    before.cookie =
        _i == 1 ? 0 : before.cookie; /* then it is told by counters that went backwards */
    struct account_namespace after = before;
    after.counters = &young;
    after.cookie += _i == 0 ? 1 : 0;
    after.net = gva(after.net.v + (_i == 2 ? 64 : 0));
    list(&before, 1, true);
    old.value[COUNTER_ACTIVE_OPENS] = 53;
    list(&before, 1, true);
    struct flow_record event = {
        .action = FLOW_OPENED, .netns = before.inum, .first_seen = world.now};
    account_begin(&account, ++world.now);
    account_namespace(&account, &after);
    event.action = FLOW_CLOSED;
    account_flow(&account, &event); /* one of the former's */
    account_end(&account, &world.walk);
    account_sum(&account, &sum);
    account_get(&account, 0, &record);
    ck_assert_uint_eq(record.opened, 4);
    ck_assert_uint_eq(record.closed, 0);
    ck_assert_uint_eq(sum.opened, 7);
    ck_assert_uint_eq(sum.vanished, 1);
    ck_assert_uint_eq(sum.anomalies, 0);
    tear_down();
}
END_TEST

/* With the cookie of before, counters that went backwards are no other namespace but a lie. */
START_TEST(a_namespace_is_its_cookie)
{
    set_up();
    struct counters counters = counters_of(50);
    struct account_namespace space = space_of(0, &counters);
    list(&space, 1, true);
    counters.value[COUNTER_ACTIVE_OPENS] = 4;
    list(&space, 1, true);
    ck_assert_uint_eq(sum.vanished, 0);
    ck_assert_uint_eq(sum.anomalies, 1);
    tear_down();
}
END_TEST

START_TEST(more_namespaces_than_rooms)
{
    set_up();
    struct counters counters = counters_of(10);
    struct account_namespace spaces[ROOMS + 3];
    for (unsigned i = 0; i < ROOMS + 3; i++) {
        spaces[i] = space_of(i, &counters);
        spaces[i].inum = 1000 - i;
    }
    list(spaces, ROOMS + 3, true);
    ck_assert_uint_eq(account_count(&account), ROOMS);
    ck_assert_uint_eq(sum.untracked, 3);
    ck_assert_uint_eq(sum.namespaces, ROOMS);
    /* Sockets and flows of the others are of nobody here. */
    struct socket_record socket = {.netns = 1000 - ROOMS, .state = TCP_STATE_ESTABLISHED};
    struct flow_record event = {.action = FLOW_OPENED, .netns = 1000 - ROOMS};
    account_socket(&account, &socket);
    account_flow(&account, &event);
    /* Two of one number are not two namespaces. */
    spaces[1].inum = spaces[0].inum;
    list(spaces, 2, true);
    ck_assert_uint_eq(account_count(&account), 1);
    ck_assert_uint_eq(sum.anomalies, 1);
    tear_down();
}
END_TEST

/* Rooms are found, added and removed in any order. */
START_TEST(rooms_in_any_order)
{
    set_up();
    struct counters counters = counters_of(10);
    chance = (uint64_t)_i;
    for (unsigned round = 0; round < 200; round++) {
        struct account_namespace spaces[ROOMS];
        size_t number = 0;
        for (unsigned i = 0; i < ROOMS; i++)
            if (draw(2) == 0) {
                spaces[number] = space_of(i, &counters);
                spaces[number].inum = i * 3 % ROOMS;
                spaces[number].cookie = spaces[number].inum + 1;
                spaces[number++].net = gva(4096ULL * (i * 3 % ROOMS + 1));
            }
        list(spaces, number, true);
        ck_assert_uint_eq(account_count(&account), number);
        ck_assert_uint_eq(sum.untracked, 0);
        for (uint32_t i = 0; i < account_count(&account); i++) {
            size_t j = 0;
            account_get(&account, i, &record);
            while (j < number && spaces[j].inum != record.netns)
                j++;
            ck_assert_uint_lt(j, number);
        }
    }
    tear_down();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("account");
    TCase *tests = tcase_create("account");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_was_there_is_no_open);
    tcase_add_loop_test(tests, lives_come_out_even, 0, sizeof lives / sizeof lives[0]);
    tcase_add_loop_test(tests, any_life_comes_out_even, 0, 40);
    tcase_add_test(tests, a_walk_that_drops_a_bucket_shows);
    tcase_add_test(tests, a_full_flow_table_shows);
    tcase_add_test(tests, the_residue_has_its_sign);
    tcase_add_test(tests, tracking_begins_with_a_complete_walk);
    tcase_add_loop_test(tests, attempts, 0, 6);
    tcase_add_test(tests, not_tracked);
    tcase_add_test(tests, payload_of_flows_that_ended);
    tcase_add_test(tests, what_is_not_known_is_told);
    tcase_add_test(tests, a_reading_that_fails_is_made_up_for);
    tcase_add_test(tests, counters_that_lie);
    tcase_add_test(tests, sums_end_somewhere);
    tcase_add_test(tests, namespaces_come_and_go);
    tcase_add_test(tests, a_list_that_broke_proves_nothing);
    tcase_add_loop_test(tests, one_number_two_namespaces, 0, 3);
    tcase_add_test(tests, a_namespace_is_its_cookie);
    tcase_add_test(tests, more_namespaces_than_rooms);
    tcase_add_loop_test(tests, rooms_in_any_order, 0, 10);
    suite_add_tcase(suite, tests);
    return suite;
}
