#include "flow_unit.h"

#include <arpa/inet.h>

struct flow_told told;
struct flow_table table;
static void *memory;

static void hear(void *context, const struct flow_record *event)
{
    ck_assert_ptr_eq(context, &told);
    ck_assert_uint_lt(told.count, FLOW_EVENTS_MAX);
    ck_assert_uint_eq(event->sequence, told.count + 1);
    told.events[told.count++] = *event;
}

void flow_set_up(const struct flow_options *options)
{
    const struct flow_sink sink = {hear, &told};
    struct flow_options chosen = *options;
    if (chosen.flows == 0) {
        chosen.flows = 16;
        chosen.listeners = 8;
        chosen.cgroups = 4;
    }
    told.count = 0;
    memory = malloc(flow_table_bytes(&chosen)); /* a byte more is an error of ASan's */
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xa5, flow_table_bytes(&chosen));
    flow_table_init(&table, memory, &chosen, &sink);
}

void flow_set_up_usual(void)
{
    const struct flow_options options = {.seed = 42};
    flow_set_up(&options);
}

void flow_tear_down(void)
{
    free(memory);
}

const char *flow_story(void)
{
    static char letters[FLOW_EVENTS_MAX + 1];
    for (size_t i = 0; i < told.count; i++)
        letters[i] = "OUCA"[told.events[i].action];
    letters[told.count] = '\0';
    return letters;
}

const struct flow_record *flow_last(void)
{
    ck_assert_uint_gt(told.count, 0);
    return &told.events[told.count - 1];
}

struct socket_tuple flow_tuple(const char *local, uint16_t local_port, const char *remote,
                               uint16_t remote_port)
{
    int family = strchr(local, ':') == NULL ? AF_INET : AF_INET6;
    struct socket_tuple tuple = {.local_port = local_port,
                                 .remote_port = remote_port,
                                 .ip_version = family == AF_INET ? 4 : 6};
    ck_assert_int_eq(inet_pton(family, local, tuple.local), 1);
    ck_assert_int_eq(inet_pton(family, remote, tuple.remote), 1);
    return tuple;
}

struct socket_record flow_socket(enum tcp_state state, struct socket_tuple tuple)
{
    return (struct socket_record){.tuple = tuple,
                                  .sock = gva(0xffff888000000000ULL + 4096ULL * tuple.local_port),
                                  .netns = FLOW_NETNS,
                                  .state = (uint8_t)state,
                                  .object = SOCKET_FULL,
                                  .check = SOCKET_KEYED};
}

struct socket_record flow_endpoint(uint16_t port)
{
    return flow_socket(TCP_STATE_ESTABLISHED, flow_tuple("10.0.2.15", port, "10.0.2.2", 80));
}

struct socket_record flow_waiting(uint16_t port, uint64_t at, uint32_t sequence)
{
    struct socket_record record = flow_endpoint(port);
    record.sock = gva(at);
    record.object = SOCKET_TIME_WAIT;
    record.state = TCP_STATE_TIME_WAIT;
    record.sequence = sequence;
    return record;
}

struct socket_record flow_request(uint16_t port)
{
    struct socket_record record = flow_endpoint(port);
    record.sock.v += 0x100000;
    record.object = SOCKET_REQUEST;
    record.state = TCP_STATE_SYN_RECV;
    return record;
}

struct socket_record flow_listener(uint16_t port)
{
    return flow_socket(TCP_STATE_LISTEN, flow_tuple("0.0.0.0", port, "0.0.0.0", 0));
}

void flow_walk(uint64_t now, const struct socket_record *record)
{
    flow_begin_walk(&table, now);
    if (record != NULL)
        flow_observe(&table, record);
    flow_end_walk(&table, true);
}
