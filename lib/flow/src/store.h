/* The flows themselves: a dense array, found by chains over a keyed hash of what names a flow. */
#ifndef FLOW_STORE_H
#define FLOW_STORE_H

#include "flow/table.h"
#include "names.h"

/* Who `uid` is of: what is higher replaces what is lower, and is not replaced. */
enum user {
    USER_UNKNOWN,
    USER_CREATOR, /* the socket's creator, or a request's listener */
    USER_INODE    /* the inode's owner */
};

struct flow_entry {
    /* What every sighting is compared with, and what it changes: within 96 bytes. */
    unsigned char addresses[NAMES_ADDRESSES]; /* these three as in struct names */
    uint64_t ends;
    uint64_t place;
    struct gva sock; /* kernel object, last seen */
    uint32_t next;   /* in its chain: index + 1, 0: the last */
    uint32_t walk;   /* number of the walk that saw it last */
    uint64_t last_seen;
    uint64_t cookie;   /* 0: the kernel has not assigned one */
    uint32_t sequence; /* as in struct socket_record; 0 before TIME_WAIT */
    uint32_t due;      /* number of the walk from which on details are wanted */
    uint8_t state;     /* enum tcp_state, last seen */
    uint8_t object;    /* enum socket_object, last seen */
    bool owned;        /* its owner is known, as far as it is searched for */
    uint8_t asked;     /* walks that looked for the owner in vain, at most FLOW_ASKS */
    uint32_t pid;

    uint64_t opened; /* sequence number of its FLOW_OPENED; 0: an attempt */
    uint64_t first_seen;
    uint64_t sent;
    uint64_t received;
    uint32_t uid;
    uint16_t cgroup;   /* its number in the table's cgroups; 0: unknown */
    uint8_t user;      /* enum user */
    uint8_t direction; /* enum flow_direction */
    bool opened_here;
    bool certain; /* opened_here is no guess */
    bool has_bytes;
    bool has_process;
    char comm[SOCKET_COMM_SIZE];
};

_Static_assert(__builtin_offsetof(struct flow_entry, opened) == 96, "as said above");

static inline struct names store_names(const struct flow_entry *flow)
{
    return (struct names){.addresses = flow->addresses, .ends = flow->ends, .place = flow->place};
}

/* The flow of that name, or NULL. In line, or the names would go through memory. */
static inline __attribute__((always_inline)) struct flow_entry *
store_find(const struct flow_table *table, const struct names *names)
{
    uint32_t at = table->heads[names_hash(&table->keys, names) & table->head_mask];
    while (at != 0) {
        struct flow_entry *flow = &table->flows[at - 1];
        const struct names own = store_names(flow);
        if (names_equal(&own, names))
            return flow;
        at = flow->next;
    }
    return NULL;
}

/* A new flow of that name, the rest zero. NULL: no room, in the table or in its chain. */
struct flow_entry *store_add(struct flow_table *table, const struct names *names);

/* Removes a flow; the last of the array takes its place. */
void store_remove(struct flow_table *table, struct flow_entry *flow);

#endif
