#include "flow/table.h"

#include "cgroups.h"
#include "details.h"
#include "heads.h"
#include "store.h"

_Static_assert(FLOW_BYTES == sizeof(struct flow_entry) + sizeof(uint32_t), "as stated");

static size_t flows_bytes(uint32_t flows)
{
    return flows * sizeof(struct flow_entry) + heads_bytes(flows);
}

size_t flow_table_bytes(const struct flow_options *options)
{
    return flows_bytes(options->flows) + flow_listeners_bytes(options->listeners) +
           cgroups_bytes(options->cgroups);
}

void flow_table_init(struct flow_table *table, void *memory, const struct flow_options *options,
                     const struct flow_sink *sink)
{
    struct flow_entry *first = memory;
    unsigned char *behind = (unsigned char *)memory + flows_bytes(options->flows);
    *table =
        (struct flow_table){.flows = first,
                            .heads = (uint32_t *)(void *)(first + options->flows),
                            .room = options->flows,
                            .head_mask = heads_for(options->flows) - 1,
                            .refresh = options->refresh == 0 ? DETAILS_NEVER : options->refresh,
                            .keys = flow_keys_of(options->seed),
                            .sink = *sink};
    bytes_zero(table->heads, heads_bytes(options->flows));
    flow_listeners_init(&table->listeners, behind, options->listeners, options->seed + 1);
    behind += flow_listeners_bytes(options->listeners);
    cgroups_init(&table->cgroups, behind, options->cgroups, options->seed + 2);
}

void flow_begin_walk(struct flow_table *table, uint64_t now)
{
    table->walk++;
    table->now = now;
    flow_listeners_begin_walk(&table->listeners);
}

/* The side that sent the first FIN, as the state shows it; a reset shows in none. */
static enum flow_close close_of(uint8_t state)
{
    static const uint8_t reasons[TCP_STATE_COUNT] = {
        [TCP_STATE_FIN_WAIT1] = FLOW_CLOSE_FIN_LOCAL,
        [TCP_STATE_FIN_WAIT2] = FLOW_CLOSE_FIN_LOCAL,
        [TCP_STATE_CLOSING] = FLOW_CLOSE_FIN_LOCAL,
        [TCP_STATE_TIME_WAIT] = FLOW_CLOSE_FIN_LOCAL,
        [TCP_STATE_CLOSE_WAIT] = FLOW_CLOSE_FIN_REMOTE,
        [TCP_STATE_LAST_ACK] = FLOW_CLOSE_FIN_REMOTE,
    };
    return (enum flow_close)reasons[state];
}

static void tell(struct flow_table *table, enum flow_action action, const struct flow_entry *flow)
{
    struct flow_record record;
    details_describe(table, flow, &record);
    record.action = action;
    record.sequence = ++table->events;
    if (action == FLOW_CLOSED)
        record.close = (uint8_t)close_of(flow->state);
    table->counters.events[action]++;
    table->sink.event(table->sink.context, &record);
}

/* How far a connection has come: it never goes back. 0: there is none, nor an attempt. */
enum {
    CONNECTING = 1
};

static unsigned progress_in(uint8_t state, uint8_t object)
{
    static const uint8_t order[TCP_STATE_COUNT] = {
        [TCP_STATE_SYN_SENT] = CONNECTING,
        [TCP_STATE_SYN_RECV] = CONNECTING,
        [TCP_STATE_NEW_SYN_RECV] = CONNECTING,
        [TCP_STATE_ESTABLISHED] = 2,
        [TCP_STATE_FIN_WAIT1] = 3,
        [TCP_STATE_CLOSE_WAIT] = 3,
        [TCP_STATE_FIN_WAIT2] = 4,
        [TCP_STATE_CLOSING] = 4,
        [TCP_STATE_LAST_ACK] = 4,
        [TCP_STATE_TIME_WAIT] = 5,
    };
    if (state >= TCP_STATE_COUNT)
        return 0;
    return object == SOCKET_REQUEST ? CONNECTING : order[state];
}

static unsigned progress(const struct socket_record *record)
{
    return progress_in(record->state, record->object);
}

/* Of the objects that one connection becomes in turn, the later has the higher number. */
static unsigned seniority(uint8_t object)
{
    static const uint8_t order[] = {
        [SOCKET_REQUEST] = 0, [SOCKET_FULL] = 1, [SOCKET_TIME_WAIT] = 2};
    return order[object];
}

/* Whether the record, which has the flow's names, is the flow's own socket or what it became. */
static bool continues(const struct flow_entry *flow, const struct socket_record *record)
{
    bool same = record->sock.v == flow->sock.v && record->sequence == flow->sequence;
    if (flow->cookie != 0 && record->cookie != flow->cookie)
        return false;
    if (record->object != flow->object)
        return seniority(record->object) > seniority(flow->object);
    return same && progress(record) >= progress_in(flow->state, flow->object);
}

static void remove_flow(struct flow_table *table, struct flow_entry *flow)
{
    tell(table, flow->opened == 0 ? FLOW_ATTEMPTED : FLOW_CLOSED, flow);
    table->attempts -= flow->opened == 0 ? 1 : 0;
    details_forget(table, flow);
    store_remove(table, flow);
}

static bool has_room(const struct flow_table *table, const struct socket_record *record)
{
    return table->count < table->room &&
           (progress(record) > CONNECTING || table->attempts < table->room / FLOW_ATTEMPT_SHARE);
}

static struct flow_entry *add_flow(struct flow_table *table, const struct socket_record *record)
{
    const struct names names = names_of(record);
    struct flow_entry *flow = has_room(table, record) ? store_add(table, &names) : NULL;
    if (flow != NULL) {
        flow->first_seen = table->now;
        table->attempts++;
    } else if (progress(record) == CONNECTING) {
        table->counters.attempts_missed++;
    } else {
        table->counters.missed++;
    }
    return flow;
}

static void open_flow(struct flow_table *table, struct flow_entry *flow)
{
    table->attempts--;
    flow->opened = table->events + 1;
    details_pair(table, flow);
    tell(table, FLOW_OPENED, flow);
}

static void see(struct flow_table *table, struct flow_entry *flow,
                const struct socket_record *record)
{
    flow->state = record->state;
    flow->object = record->object;
    flow->sock = record->sock;
    flow->cookie = record->cookie;
    flow->sequence = record->sequence;
    flow->last_seen = table->now;
    flow->walk = table->walk;
}

static void update(struct flow_table *table, struct flow_entry *flow,
                   const struct socket_record *record)
{
    bool was_open = flow->opened != 0;
    bool changed = flow->state != record->state;
    bool waits = changed && record->state == TCP_STATE_TIME_WAIT;
    see(table, flow, record);
    if (details_in(record))
        details_learn(table, flow, record);
    else
        details_orient(table, flow, record);
    if (progress(record) == CONNECTING)
        return;
    if (!was_open)
        open_flow(table, flow);
    table->counters.time_waits += waits ? 1 : 0;
    if (waits || (was_open && changed))
        tell(table, FLOW_UPDATED, flow);
}

/* Where one walk met two objects of one connection, the later came first. */
static bool outdated(const struct flow_table *table, const struct flow_entry *flow,
                     const struct socket_record *record)
{
    return flow->walk == table->walk && seniority(record->object) < seniority(flow->object);
}

/* A socket that is new, or not as it was. */
static void __attribute__((noinline))
meet(struct flow_table *table, struct flow_entry *flow, const struct socket_record *record)
{
    if (record->state == TCP_STATE_LISTEN)
        flow_listeners_add(&table->listeners, record);
    if (progress(record) == 0 || (flow != NULL && outdated(table, flow, record)))
        return;
    if (flow != NULL && !continues(flow, record)) {
        remove_flow(table, flow);
        flow = NULL;
    }
    if (flow == NULL)
        flow = add_flow(table, record);
    if (flow != NULL)
        update(table, flow, record);
}

static bool unchanged(const struct flow_entry *flow, const struct socket_record *record)
{
    return flow->sock.v == record->sock.v && flow->cookie == record->cookie &&
           flow->sequence == record->sequence && flow->state == record->state &&
           flow->object == record->object;
}

void flow_observe(struct flow_table *table, const struct socket_record *record)
{
    const struct names names = names_of(record);
    struct flow_entry *flow = store_find(table, &names);
    if (flow == NULL || !unchanged(flow, record)) {
        meet(table, flow, record);
        return;
    }
    flow->walk = table->walk;
    flow->last_seen = table->now;
    if (details_in(record))
        details_learn(table, flow, record);
}

bool flow_wants(const struct flow_table *table, const struct socket_record *record)
{
    const struct names names = names_of(record);
    const struct flow_entry *flow = store_find(table, &names);
    if (flow != NULL && unchanged(flow, record))
        return details_due(table, flow) && record->object != SOCKET_TIME_WAIT;
    return progress(record) != 0 && record->object != SOCKET_TIME_WAIT &&
           (flow != NULL || has_room(table, record));
}

void flow_end_walk(struct flow_table *table, bool complete)
{
    table->counters.walks++;
    table->counters.incomplete += complete ? 0 : 1;
    for (uint32_t i = table->count; complete && i > 0; i--)
        if (table->flows[i - 1].walk != table->walk)
            remove_flow(table, &table->flows[i - 1]);
}
