/*
 * The flow table: from what walks see to what happened.
 *
 * A flow is one endpoint of one connection, from the first walk that saw it connected to the first
 * complete walk that did not see it. A listener, a request and a socket that still connects are no
 * flows. A tuple is not an identity: the same tuple on another socket is another flow, and only the
 * move of a socket to TIME_WAIT, which is another kernel object, is not. Every flow has exactly one
 * FLOW_OPENED, a FLOW_UPDATED for each change of its state, and one FLOW_CLOSED at its end.
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

#include "base/record/flow.h"
#include "base/status.h"

struct flow_sink {
    /* `record` is valid during the call. */
    void (*event)(void *context, const struct flow_record *record);
    void *context;
};

struct flow_options {
    uint32_t flows;   /* room, 1 to FLOWS_MAX */
    uint32_t refresh; /* walks after which details are wanted anew; 0: only when they change */
    uint64_t seed;    /* a number that the guest cannot know, so that it cannot aim at one chain */
};

enum {
    FLOW_BYTES = 116, /* room that one flow takes */
    FLOWS_MAX = 1 << 24,
    FLOW_CHAIN_MAX = 64 /* flows of one chain; with chains as many as flows, 8 are rare */
};

struct flow_counters {
    uint64_t events[FLOW_ACTIONS]; /* by enum flow_action */
    uint64_t time_waits;           /* flows that have reached TIME_WAIT */
    uint64_t missed;               /* sightings for which there was no room */
    uint64_t walks;
    uint64_t incomplete; /* of these, walks that closed nothing */
};

struct flow_entry;

/* Its members are for lib/flow; others may read `count` and `counters`. */
struct flow_table {
    struct flow_entry *flows; /* [0, count) are in use */
    uint32_t *heads;          /* of chains: index + 1, 0: empty */
    uint32_t room;
    uint32_t head_mask;
    uint32_t count;
    uint32_t walk;
    uint32_t refresh;
    uint64_t seed;
    uint64_t now;
    uint64_t events;
    struct flow_sink sink;
    struct flow_counters counters;
};

/* Bytes for a table with these options. */
size_t flow_table_bytes(const struct flow_options *options);

/* An empty table in `memory`: flow_table_bytes of it, aligned to 8, which the table keeps. */
void flow_table_init(struct flow_table *table, void *memory, const struct flow_options *options,
                     const struct flow_sink *sink);

/* A walk begins at time `now`. */
void flow_begin_walk(struct flow_table *table, uint64_t now);

/*
 * Whether counters, user, cgroup and owner of a socket are worth reading, once its tuple, state,
 * namespace and cookie are known (tcp_sink.wants): its flow would be new, has changed its state,
 * has no owner yet, or what is known of it is older than options.refresh walks.
 */
bool flow_wants(const struct flow_table *table, const struct socket_record *record);

/* The walk saw a socket. */
void flow_observe(struct flow_table *table, const struct socket_record *record);

/*
 * The walk has ended. `complete`: it saw all there was; only then are flows closed that it did
 * not see.
 */
void flow_end_walk(struct flow_table *table, bool complete);

/*
 * What is known of a flow of the table, `index` below table->count, as of now: for a view. The
 * record has the action and sequence of no event. Indices change with every walk.
 */
void flow_describe(const struct flow_table *table, uint32_t index, struct flow_record *record);

#endif
