/*
 * The flow table: from what walks see to what happened.
 *
 * A flow is one endpoint of one connection, from the first walk that saw it connected to the first
 * complete walk that did not see it. It has exactly one FLOW_OPENED, a FLOW_UPDATED for each change
 * of its state (not of its counters alone), and one FLOW_CLOSED. One that is first seen in
 * TIME_WAIT lived between two walks: it is opened and updated at once. A socket that still
 * connects, or a request, is an attempt: it becomes a flow, or has one FLOW_ATTEMPTED when it is
 * gone.
 *
 * A tuple is not an identity: the same tuple on another socket is another flow. The socket's
 * address, its cookie, a state that went back and the sequence number of TIME_WAIT tell them apart;
 * when none of these differs, two connections that followed each other between two walks are taken
 * for one. A socket that moves to TIME_WAIT, or comes out of a request, is another kernel object
 * and still the same flow; what was learned of it stays with it, to its last record.
 *
 * Direction: flow/direction.h has the rules, and listeners come first in a walk. A first guess
 * stays until the kernel's counters tell for certain. A flow whose other end is in the table too,
 * in the same namespace, is internal, and so is that end from then on. Across namespaces two ends
 * that mirror each other prove nothing: any user can make a namespace with the addresses of
 * another.
 *
 * Room is the caller's: FLOW_BYTES a flow, and a little for listeners and cgroups. What does not
 * fit is counted. Attempts take a quarter of the room at most, so that a flood of them hides
 * nothing. The hash is keyed and chains are bounded: no contents of a guest make a walk slow.
 */
#ifndef FLOW_TABLE_H
#define FLOW_TABLE_H

#include "base/record/flow.h"
#include "base/status.h"
#include "flow/keys.h"
#include "flow/listeners.h"

struct flow_sink {
    /* `record` is valid during the call, which must not use the table but to read it. */
    void (*event)(void *context, const struct flow_record *record);
    void *context;
};

enum {
    FLOW_BYTES = 164, /* room that one flow takes, 168 where `flows` is no power of two */
    FLOWS_MAX = 1 << 24,
    FLOW_CGROUPS_MAX = UINT16_MAX,
    FLOW_CHAIN_MAX = 64, /* flows of one chain; with chains as many as flows, 8 are rare */
    FLOW_ATTEMPT_SHARE = 4,
    FLOW_ASKS = 16 /* walks in which an owner is asked for at each; then at each 16th */
};

struct flow_options {
    uint32_t flows;     /* room, 1 to FLOWS_MAX */
    uint32_t listeners; /* room, 0 to FLOW_LISTENERS_MAX, of each of two walks */
    uint32_t cgroups;   /* room, 0 to FLOW_CGROUPS_MAX: cgroups that have flows at a time */
    uint32_t refresh;   /* walks after which details are wanted anew; 0: only when they change */
    uint64_t seed; /* a number that the guest cannot know, so that it cannot aim at one chain */
};

struct flow_counters {
    uint64_t events[FLOW_ACTIONS]; /* by enum flow_action */
    uint64_t time_waits;           /* flows that have reached TIME_WAIT */
    uint64_t missed;               /* sightings of connections for which there was no room */
    uint64_t attempts_missed;      /* of attempts */
    uint64_t cgroups_missed;       /* details whose cgroup there was no room for: it is unknown */
    uint64_t walks;
    uint64_t incomplete; /* of these, walks that closed nothing */
};

struct flow_entry;
struct flow_cgroup;

/* Paths of cgroups, each once, with the number of flows in it. */
struct flow_cgroups {
    struct flow_cgroup *entries;
    uint32_t *heads; /* of chains: index + 1, 0: empty */
    uint32_t room;
    uint32_t head_mask;
    uint32_t used; /* [used, room) were never in use */
    uint32_t free; /* one that is no longer in use: index + 1, 0: none */
    uint64_t seed;
};

/* Its members are for lib/flow; others may read `count`, `counters` and `listeners.missed`. */
struct flow_table {
    struct flow_entry *flows; /* [0, count) are in use */
    uint32_t *heads;          /* of chains: index + 1, 0: empty */
    uint32_t room;
    uint32_t head_mask;
    uint32_t count;    /* flows and attempts */
    uint32_t attempts; /* of these, attempts */
    uint32_t walk;
    uint32_t refresh;
    uint64_t now;
    uint64_t events;
    struct flow_keys keys;
    struct flow_listeners listeners;
    struct flow_cgroups cgroups;
    struct flow_sink sink;
    struct flow_counters counters;
};

/* Bytes for a table with these options. */
size_t flow_table_bytes(const struct flow_options *options);

/*
 * An empty table in `memory`: flow_table_bytes of it, aligned to 8 (fastest: to 64), which the
 * table keeps.
 */
void flow_table_init(struct flow_table *table, void *memory, const struct flow_options *options,
                     const struct flow_sink *sink);

/* A walk begins at time `now`. */
void flow_begin_walk(struct flow_table *table, uint64_t now);

/*
 * Whether counters, user, cgroup and owner of a socket are worth reading, once its tuple, state,
 * namespace and cookie are known (tcp_sink.wants): its flow would be new and has room, has changed
 * its state, has no owner yet, or what is known of it is as old as options.refresh walks. Flows of
 * one age become due spread over as many walks.
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
 * What is known of a flow or attempt of the table, `index` below table->count, as of now: for a
 * view. The record has the action and sequence of no event; `opened` is 0 in an attempt. Indices
 * change with every walk.
 */
void flow_describe(const struct flow_table *table, uint32_t index, struct flow_record *record);

#endif
