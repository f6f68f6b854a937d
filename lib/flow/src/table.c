#include "flow/table.h"

#include "store.h"

/* Chains: a power of two, at most as many as flows. */
static uint32_t heads_for(uint32_t flows)
{
    uint32_t heads = 1;
    while (heads <= flows / 2)
        heads *= 2;
    return heads;
}

_Static_assert(FLOW_BYTES == sizeof(struct flow_entry) + sizeof(uint32_t), "as stated");

size_t flow_table_bytes(const struct flow_options *options)
{
    return options->flows * sizeof(struct flow_entry) +
           heads_for(options->flows) * sizeof(uint32_t);
}

void flow_table_init(struct flow_table *table, void *memory, const struct flow_options *options,
                     const struct flow_sink *sink)
{
    uint32_t heads = heads_for(options->flows);
    struct flow_entry *first = memory;
    *table = (struct flow_table){.flows = first,
                                 .heads = (uint32_t *)(void *)(first + options->flows),
                                 .room = options->flows,
                                 .head_mask = heads - 1,
                                 .refresh = options->refresh,
                                 .seed = options->seed,
                                 .sink = *sink};
    bytes_zero(table->heads, heads * sizeof *table->heads);
}

static void describe(const struct flow_table *table, const struct flow_entry *flow,
                     struct flow_record *record)
{
    *record = (struct flow_record){.at = table->now,
                                   .opened = flow->opened,
                                   .first_seen = flow->first_seen,
                                   .last_seen = flow->last_seen,
                                   .tuple = flow->tuple,
                                   .sock = flow->sock,
                                   .cookie = flow->cookie,
                                   .netns = flow->netns,
                                   .bound_if = flow->bound_if,
                                   .state = flow->state,
                                   .witness = FLOW_BY_SCAN};
}

void flow_describe(const struct flow_table *table, uint32_t index, struct flow_record *record)
{
    describe(table, &table->flows[index], record);
}

static void tell(struct flow_table *table, enum flow_action action, const struct flow_entry *flow)
{
    struct flow_record record;
    describe(table, flow, &record);
    record.action = action;
    record.sequence = ++table->events;
    table->counters.events[action]++;
    table->sink.event(table->sink.context, &record);
}

/* How far a connection has come: it never goes back. 0: there is no connection yet. */
static unsigned progress(const struct socket_record *record)
{
    static const uint8_t order[TCP_STATE_COUNT] = {
        [TCP_STATE_ESTABLISHED] = 1, [TCP_STATE_FIN_WAIT1] = 2, [TCP_STATE_CLOSE_WAIT] = 2,
        [TCP_STATE_FIN_WAIT2] = 3,   [TCP_STATE_CLOSING] = 3,   [TCP_STATE_LAST_ACK] = 3,
        [TCP_STATE_TIME_WAIT] = 4,
    };
    bool connected = record->object != SOCKET_REQUEST && record->state < TCP_STATE_COUNT;
    return connected ? order[record->state] : 0;
}

static unsigned progress_of(const struct flow_entry *flow)
{
    struct socket_record last = {.state = flow->state, .object = flow->object};
    return progress(&last);
}

/* Whether the record, which has the flow's names, is the flow's own socket or what it became. */
static bool continues(const struct flow_entry *flow, const struct socket_record *record)
{
    bool waits = record->object == SOCKET_TIME_WAIT;
    if (flow->cookie != 0 && record->cookie != flow->cookie)
        return false;
    if (flow->object == SOCKET_TIME_WAIT)
        return waits && record->sock.v == flow->sock.v && record->sequence == flow->sequence &&
               progress(record) >= progress_of(flow);
    return waits || (record->sock.v == flow->sock.v && progress(record) >= progress_of(flow));
}

static void close_flow(struct flow_table *table, struct flow_entry *flow)
{
    tell(table, FLOW_CLOSED, flow);
    store_remove(table, (uint32_t)(flow - table->flows));
}

static bool has_details(const struct socket_record *record)
{
    return record->has_inode || record->has_creator || record->has_counters;
}

static void learn(struct flow_table *table, struct flow_entry *flow,
                  const struct socket_record *record)
{
    flow->learned = table->walk;
    flow->owned = record->has_inode && (!record->owners_known || record->owner_count > 0);
}

static void open_flow(struct flow_table *table, struct flow_entry *flow)
{
    flow->first_seen = table->now;
    flow->opened = table->events + 1;
    tell(table, FLOW_OPENED, flow);
}

static void update(struct flow_table *table, struct flow_entry *flow,
                   const struct socket_record *record)
{
    uint8_t before = flow->state;
    flow->state = record->state;
    flow->object = record->object;
    flow->sock = record->sock;
    flow->cookie = record->cookie;
    flow->sequence = record->sequence;
    flow->last_seen = table->now;
    flow->walk = table->walk;
    if (has_details(record))
        learn(table, flow, record);
    bool is_new = flow->opened == 0;
    bool waits = record->state == TCP_STATE_TIME_WAIT && before != TCP_STATE_TIME_WAIT;
    if (is_new)
        open_flow(table, flow);
    /* One that is in TIME_WAIT already was open: both are told. */
    table->counters.time_waits += waits ? 1 : 0;
    if (waits || (!is_new && record->state != before))
        tell(table, FLOW_UPDATED, flow);
}

void flow_begin_walk(struct flow_table *table, uint64_t now)
{
    table->walk++;
    table->now = now;
}

/* Where one walk met both objects of a connection that changed hands, TIME_WAIT came first. */
static bool outdated(const struct flow_table *table, const struct flow_entry *flow,
                     const struct socket_record *record)
{
    return flow->walk == table->walk && flow->object == SOCKET_TIME_WAIT &&
           record->object != SOCKET_TIME_WAIT;
}

bool flow_wants(const struct flow_table *table, const struct socket_record *record)
{
    if (progress(record) == 0)
        return false;
    const struct flow_entry *flow = store_find(table, record);
    if (flow == NULL || !continues(flow, record) || flow->state != record->state || !flow->owned)
        return true;
    return table->refresh != 0 && table->walk - flow->learned >= table->refresh;
}

void flow_observe(struct flow_table *table, const struct socket_record *record)
{
    struct flow_entry *flow = store_find(table, record);
    if (flow != NULL && outdated(table, flow, record))
        return;
    if (flow != NULL && !continues(flow, record) && progress(record) > 0) {
        close_flow(table, flow);
        flow = NULL;
    }
    if (progress(record) == 0)
        return;
    if (flow == NULL)
        flow = store_add(table, record);
    if (flow == NULL)
        table->counters.missed++;
    else
        update(table, flow, record);
}

void flow_end_walk(struct flow_table *table, bool complete)
{
    table->counters.walks++;
    table->counters.incomplete += complete ? 0 : 1;
    for (uint32_t i = table->count; complete && i > 0; i--)
        if (table->flows[i - 1].walk != table->walk)
            close_flow(table, &table->flows[i - 1]);
}
