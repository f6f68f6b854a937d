#include "store.h"

static uint32_t *head_of(const struct flow_table *table, const struct names *names)
{
    return &table->heads[names_hash(&table->keys, names) & table->head_mask];
}

static unsigned length_of(const struct flow_table *table, uint32_t at)
{
    unsigned length = 0;
    for (; at != 0; at = table->flows[at - 1].next)
        length++;
    return length;
}

struct flow_entry *store_add(struct flow_table *table, const struct names *names)
{
    uint32_t *head = head_of(table, names);
    if (table->count == table->room || length_of(table, *head) >= FLOW_CHAIN_MAX)
        return NULL;
    struct flow_entry *flow = &table->flows[table->count++];
    *flow = (struct flow_entry){.ends = names->ends, .place = names->place, .next = *head};
    bytes_copy(flow->addresses, names->addresses, sizeof flow->addresses);
    *head = table->count;
    return flow;
}

/* The cell, a head or a `next`, that holds the index of a flow. */
static uint32_t *cell_of(struct flow_table *table, uint32_t index)
{
    const struct names names = store_names(&table->flows[index]);
    uint32_t *cell = head_of(table, &names);
    while (*cell != index + 1)
        cell = &table->flows[*cell - 1].next;
    return cell;
}

void store_remove(struct flow_table *table, struct flow_entry *flow)
{
    uint32_t index = (uint32_t)(flow - table->flows);
    uint32_t last = table->count - 1;
    *cell_of(table, index) = flow->next;
    if (index != last) {
        *cell_of(table, last) = index + 1;
        *flow = table->flows[last];
    }
    table->count--;
}
