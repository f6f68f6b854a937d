/* The flows themselves: a dense array, found by chains over a keyed hash of what names a flow. */
#ifndef FLOW_STORE_H
#define FLOW_STORE_H

#include "flow/table.h"

/* The flow that the record's names lead to, or NULL. */
struct flow *store_find(const struct flow_table *table, const struct socket_record *record);

/* A new flow with the record's names, the rest zero. NULL: no room, in the table or its chain. */
struct flow *store_add(struct flow_table *table, const struct socket_record *record);

/* Removes a flow; the last of the array takes its place. */
void store_remove(struct flow_table *table, uint32_t index);

#endif
