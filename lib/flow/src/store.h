/* The flows themselves: a dense array, found by chains over a keyed hash of what names a flow. */
#ifndef FLOW_STORE_H
#define FLOW_STORE_H

#include "flow/table.h"

struct flow_entry {
    struct socket_tuple tuple;
    uint8_t state;     /* enum tcp_state, last seen */
    uint8_t object;    /* enum socket_object, last seen */
    bool owned;        /* its user and, where they are searched for, its process are known */
    uint32_t netns;    /* namespace inode number */
    uint32_t bound_if; /* as in struct socket_record */
    uint32_t sequence; /* as in struct socket_record; 0 before TIME_WAIT */
    struct gva sock;   /* kernel object, last seen */
    uint64_t cookie;   /* 0: the kernel has not assigned one */
    uint64_t opened;   /* sequence number of its FLOW_OPENED */
    uint64_t first_seen;
    uint64_t last_seen;
    uint32_t walk;    /* number of the walk that saw it last */
    uint32_t learned; /* number of the walk that last brought details */
    uint32_t next;    /* in its chain: index + 1, 0: the last */
};

/* The flow that the record's names lead to, or NULL. */
struct flow_entry *store_find(const struct flow_table *table, const struct socket_record *record);

/* A new flow with the record's names, the rest zero. NULL: no room, in the table or its chain. */
struct flow_entry *store_add(struct flow_table *table, const struct socket_record *record);

/* Removes a flow; the last of the array takes its place. */
void store_remove(struct flow_table *table, uint32_t index);

#endif
