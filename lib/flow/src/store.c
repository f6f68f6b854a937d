#include "store.h"

/* What names a flow: one socket at a time is bound to it. */
struct names {
    struct socket_tuple tuple;
    uint32_t netns;
    uint32_t bound_if;
};

static struct names names_of(const struct socket_record *record)
{
    return (struct names){record->tuple, record->netns, record->bound_if};
}

static bool named(const struct flow_entry *flow, const struct names *names)
{
    return flow->netns == names->netns && flow->bound_if == names->bound_if &&
           socket_tuple_equal(&flow->tuple, &names->tuple);
}

/* The finalizer of MurmurHash3 (64 bits), chained over the words. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash ^= word;
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccdULL;
    hash ^= hash >> 33;
    hash *= 0xc4ceb9fe1a85ec53ULL;
    return hash ^ hash >> 33;
}

static uint32_t *chain_of(const struct flow_table *table, const struct names *names)
{
    const struct socket_tuple *tuple = &names->tuple;
    uint64_t hash = mix(table->seed, (uint64_t)names->netns << 32 | names->bound_if);
    hash = mix(hash, (uint64_t)tuple->ip_version << 32 | (uint32_t)tuple->local_port << 16 |
                         tuple->remote_port);
    size_t bytes = tuple->ip_version == 4 ? sizeof(uint64_t) : sizeof tuple->local;
    for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
        hash = mix(hash, load_le64(tuple->local + i));
        hash = mix(hash, load_le64(tuple->remote + i));
    }
    return &table->heads[hash & table->head_mask];
}

struct flow_entry *store_find(const struct flow_table *table, const struct socket_record *record)
{
    struct names names = names_of(record);
    for (uint32_t at = *chain_of(table, &names); at != 0; at = table->flows[at - 1].next)
        if (named(&table->flows[at - 1], &names))
            return &table->flows[at - 1];
    return NULL;
}

static unsigned length_of(const struct flow_table *table, uint32_t at)
{
    unsigned length = 0;
    for (; at != 0; at = table->flows[at - 1].next)
        length++;
    return length;
}

struct flow_entry *store_add(struct flow_table *table, const struct socket_record *record)
{
    struct names names = names_of(record);
    uint32_t *head = chain_of(table, &names);
    if (table->count == table->room || length_of(table, *head) >= FLOW_CHAIN_MAX)
        return NULL;
    struct flow_entry *flow = &table->flows[table->count++];
    bytes_zero(flow, sizeof *flow);
    flow->tuple = names.tuple;
    flow->netns = names.netns;
    flow->bound_if = names.bound_if;
    flow->next = *head;
    *head = table->count;
    return flow;
}

/* The cell, a head or a `next`, that holds the index of a flow. */
static uint32_t *cell_of(struct flow_table *table, uint32_t index)
{
    const struct flow_entry *flow = &table->flows[index];
    struct names names = {flow->tuple, flow->netns, flow->bound_if};
    uint32_t *cell = chain_of(table, &names);
    while (*cell != index + 1)
        cell = &table->flows[*cell - 1].next;
    return cell;
}

void store_remove(struct flow_table *table, uint32_t index)
{
    uint32_t last = table->count - 1;
    *cell_of(table, index) = table->flows[index].next;
    if (index != last) {
        *cell_of(table, last) = index + 1;
        table->flows[index] = table->flows[last];
    }
    table->count--;
}
