/*
 * One walk over the TCP tables of a guest: every network namespace's connection hash (private
 * tables too), TIME_WAIT and request sockets in them, and the listeners, each once.
 *
 * The guest may run meanwhile. A bucket is accepted when its nulls value, every node's hash and
 * the head are what they were; else it is walked again and the results are united, newest first.
 * What cannot be confirmed is counted, never listed.
 */
#ifndef TCP_SCAN_H
#define TCP_SCAN_H

#include "base/record/socket.h"
#include "kernel/layout.h"
#include "tcp/owners.h"

enum {
    TCP_NAMESPACES_MAX = 4096,
    TCP_ANOMALIES_MAX = 8, /* kept with their address; all are counted */
    TCP_RETRIES_MAX = 8    /* walks of one bucket before it is called torn */
};

struct tcp_namespace {
    struct gva net;
    struct gva hashinfo;
    struct gva table; /* buckets of its connection table; 0: could not be read */
    uint32_t inum;
    uint32_t hash_mix;
    uint64_t cookie;          /* no other namespace ever had it; 0: not known (tcp/counters.h) */
    struct counters counters; /* none is known until they are read (tcp/counters.h) */
};

struct tcp_summary {
    uint64_t sockets;           /* records emitted */
    uint64_t buckets;           /* buckets read */
    uint64_t retries;           /* buckets walked again because something moved */
    uint64_t torn;              /* buckets still moving after TCP_RETRIES_MAX walks */
    uint64_t unconfirmed;       /* nodes left out: hash, family or state contradict themselves */
    uint64_t unkeyed;           /* records whose tuple no known secret could confirm */
    uint64_t faults;            /* reads of memory that is not there */
    uint64_t namespaces;        /* network namespaces found */
    uint64_t namespaces_missed; /* beyond the workspace's room */
    uint64_t tables;            /* distinct connection hash tables walked */
    bool out_of_budget;         /* the walk ended early */
    struct evidence anomalies[TCP_ANOMALIES_MAX];
    size_t anomaly_count; /* may exceed TCP_ANOMALIES_MAX; the array does not */
};

struct tcp_sink {
    /* Takes a record, valid during the call; false ends the walk with STATUS_STOPPED. */
    bool (*socket)(void *context, const struct socket_record *record);
    /*
     * Whether counters, uids, inode, cgroup and owners of a socket are to be read, of which tuple,
     * state, namespace and cookie are known; asked of full sockets and requests. NULL: of all.
     */
    bool (*wants)(void *context, const struct socket_record *record);
    /* Whether the walk is to leave off here, between buckets; asked now and then. NULL: never. */
    bool (*pause)(void *context);
    void *context;
    /*
     * The guest does not run while a bucket is walked: what was read once need not be confirmed,
     * nor a bucket walked again. A connection that is changing hands comes as both objects,
     * TIME_WAIT first.
     */
    bool still;
};

/*
 * Working room of a walk, from the caller; contents need not be initialised. `chain` holds the
 * records of the buckets under way: a chain of more than half the room is handed out in parts, and
 * then not united on a retry.
 */
struct tcp_cgroup {
    struct gva cgroup;
    char path[SOCKET_CGROUP_SIZE];
};

enum {
    TCP_CGROUP_CACHE = 8
};

struct tcp_workspace {
    struct tcp_namespace *namespaces;
    size_t namespace_room; /* at least 1; TCP_NAMESPACES_MAX covers any host seen */
    size_t namespace_count;
    struct socket_record *chain;
    size_t chain_room; /* at least 16 */
    struct tcp_cgroup cgroups[TCP_CGROUP_CACHE];
};

/*
 * The secrets that key the connection hash. The code of the hash functions names the places they
 * are loaded from; which is which shows when a live entry's hash comes out right. Keep one of
 * these for as long as the guest runs: walks fill in what they learn.
 */
enum {
    TCP_SECRETS_MAX = 16
};

struct tcp_secrets {
    struct gva places[TCP_SECRETS_MAX];
    uint32_t values[TCP_SECRETS_MAX];
    size_t count;
    bool v4_known, v6_known;
    uint32_t v4, v6, v6_address; /* values, once known */
    unsigned v6_kind;            /* how this kernel reduces an IPv6 address (src/hash.h) */
};

/*
 * Finds the places in the code of inet_ehashfn and inet6_ehashfn. STATUS_NOT_FOUND when there are
 * none: walks then check tuples against their bucket only.
 */
MUST_CHECK enum status tcp_find_secrets(const struct kernel_layout *layout, struct budget *budget,
                                        struct tcp_secrets *secrets);

/* What a socket's namespace contributes to its record. */
struct tcp_net_facts {
    struct gva net;
    uint32_t inum;
    uint32_t hash_mix;
};

enum tcp_table_kind {
    TCP_TABLE_LISTENERS,   /* lhash2 */
    TCP_TABLE_CONNECTIONS, /* ehash: established, TIME_WAIT, requests */
    TCP_TABLE_KINDS
};

/* A hash table of the guest that is being walked. */
struct tcp_table {
    enum tcp_table_kind kind;
    struct gva buckets;
    uint32_t mask; /* number of buckets - 1 */
    uint32_t bucket_size;
    uint32_t head; /* offset in a bucket */
    uint32_t part; /* buckets that are read at once */
};

enum {
    TCP_NET_CACHE = 16
};

/* A walk under way. The caller keeps it from tcp_walk_begin to the end of the last step. */
struct tcp_walk {
    const struct kernel_layout *layout;
    struct tcp_secrets *secrets;
    const struct tcp_owners *owners; /* NULL: no processes are named */
    struct tcp_workspace *workspace;
    struct budget *budget;
    const struct tcp_sink *sink;
    struct tcp_summary *summary;
    /* The rest is the walk's own. */
    struct tcp_net_facts nets[TCP_NET_CACHE];
    uint32_t copied; /* bytes of an object that are copied at once */
    struct tcp_table table;
    size_t space;  /* index of the namespace whose table it is */
    uint32_t next; /* bucket to go on with; 0: the table has not been begun */
};

/*
 * Begins a walk: finds the namespaces. The members above `nets` are the caller's to set; what they
 * point to must last as long as the walk. `summary` is always written. STATUS_BUDGET: there is no
 * walk.
 */
MUST_CHECK enum status tcp_walk_begin(struct tcp_walk *walk);

/*
 * Walks on: listeners first, then each distinct connection table. STATUS_OK: everything was walked.
 * STATUS_PAUSED: the sink asked for it; call again. The guest may run in between, as a connection
 * never leaves its bucket. STATUS_BUDGET: the walk ended early, and what was emitted stands.
 */
MUST_CHECK enum status tcp_walk_step(struct tcp_walk *walk);

/* Begins and walks to the end in one call, whatever sink->pause says. */
MUST_CHECK enum status tcp_scan(const struct kernel_layout *layout, struct tcp_secrets *secrets,
                                const struct tcp_owners *owners, struct tcp_workspace *workspace,
                                struct budget *budget, const struct tcp_sink *sink,
                                struct tcp_summary *summary);

#endif
