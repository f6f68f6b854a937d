/*
 * The flow table: from what walks see to what happened.
 *
 * A flow is one endpoint of one connection, from the first walk that saw it connected to the first
 * complete walk that did not see it. A listener, a request and a socket that still connects are no
 * flows. A tuple is not an identity: the same tuple on another socket is another flow, and only the
 * move of a socket to TIME_WAIT, which is another kernel object, is not. Every flow has exactly one
 * FLOW_OPENED and at most one of the others, in the order of enum flow_action.
 *
 * Two connections that followed each other on one tuple between two walks are told apart by state
 * that went back, by the socket's address or cookie, or by the sequence number of TIME_WAIT; when
 * none of these differs they are taken for one.
 *
 * Room is the caller's: FLOW_BYTES and a little more a flow. What does not fit is counted, and so
 * is what would make a chain of the table long: no contents of a guest make a walk slow.
 */
#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H

#include "base/record/socket.h"
#include "base/status.h"

enum flow_action {
    FLOW_OPENED,
    FLOW_TIME_WAIT, /* the socket has reached TIME_WAIT */
    FLOW_CLOSED
};

/* Times are the caller's own, as given to flow_begin_walk. */
struct flow {
    struct socket_tuple tuple;
    uint8_t state;     /* enum tcp_state, last seen */
    uint8_t object;    /* enum socket_object, last seen */
    uint32_t netns;    /* namespace inode number */
    uint32_t bound_if; /* as in struct socket_record */
    uint32_t sequence; /* as in struct socket_record; 0 before TIME_WAIT */
    struct gva sock;   /* kernel object, last seen */
    uint64_t cookie;   /* 0: the kernel has not assigned one */
    uint64_t opened;   /* sequence number of its FLOW_OPENED */
    uint64_t first_seen;
    uint64_t last_seen;
    uint32_t walk; /* number of the walk that saw it last */
    uint32_t next; /* in its chain: index + 1, 0: the last */
};

struct flow_event {
    enum flow_action action;
    uint64_t sequence;       /* from 1, without a hole */
    uint64_t at;             /* time of the walk */
    const struct flow *flow; /* as it is now; valid during the call */
};

struct flow_sink {
    void (*event)(void *context, const struct flow_event *event);
    void *context;
};

enum {
    FLOW_BYTES = sizeof(struct flow) + sizeof(uint32_t), /* room that one flow takes */
    FLOWS_MAX = 1 << 24,
    FLOW_CHAIN_MAX = 64 /* flows of one chain; with chains as many as flows, 8 are rare */
};

struct flow_counters {
    uint64_t opened, time_wait, closed; /* events */
    uint64_t missed;                    /* sightings for which there was no room */
    uint64_t walks;
    uint64_t incomplete; /* of these, walks that closed nothing */
};

struct flow_table {
    struct flow *flows; /* [0, count) are in use */
    uint32_t *heads;    /* of chains: index + 1, 0: empty */
    uint32_t room;
    uint32_t head_mask;
    uint32_t count;
    uint32_t walk;
    uint64_t seed;
    uint64_t now;
    uint64_t events;
    struct flow_sink sink;
    struct flow_counters counters;
};

/* Bytes for a table of `flows` flows (1 to FLOWS_MAX). */
size_t flow_table_bytes(uint32_t flows);

/*
 * An empty table of `flows` flows in `memory`: flow_table_bytes of them, aligned to 8, which the
 * table keeps. `seed`: a number that the guest cannot know, so that it cannot aim at one chain.
 */
void flow_table_init(struct flow_table *table, void *memory, uint32_t flows, uint64_t seed,
                     const struct flow_sink *sink);

/* A walk begins at time `now`. */
void flow_begin_walk(struct flow_table *table, uint64_t now);

/* The walk saw a socket. */
void flow_observe(struct flow_table *table, const struct socket_record *record);

/*
 * The walk has ended. `complete`: it saw all there was; only then are flows closed that it did
 * not see.
 */
void flow_end_walk(struct flow_table *table, bool complete);

#endif
