/*
 * One flow as an event tells of it: what flow/ hands to whoever prints, stores or seals.
 *
 * A flow is one endpoint of one connection. What was learned of it while it was open stays with it
 * to the end. Nothing here is trusted further than the walk that saw it.
 */
#ifndef BASE_RECORD_FLOW_H
#define BASE_RECORD_FLOW_H

#include "base/record/socket.h"

enum flow_action {
    FLOW_OPENED,    /* seen connected for the first time */
    FLOW_UPDATED,   /* its state has changed; TIME_WAIT is a state */
    FLOW_CLOSED,    /* no longer there */
    FLOW_ATTEMPTED, /* seen connecting, and gone without having been seen connected */
    FLOW_ACTIONS
};

enum flow_direction {
    FLOW_UNDIRECTED, /* it cannot be told */
    FLOW_INBOUND,
    FLOW_OUTBOUND,
    FLOW_INTERNAL /* both ends are in this guest */
};

/* How it ended, as far as the last state seen shows it. */
enum flow_close {
    FLOW_CLOSE_UNKNOWN,
    FLOW_CLOSE_FIN_LOCAL,
    FLOW_CLOSE_FIN_REMOTE,
    FLOW_CLOSE_RST_LOCAL,
    FLOW_CLOSE_RST_REMOTE,
    FLOW_CLOSE_TIMEOUT
};

enum flow_witness {
    FLOW_BY_SCAN,
    FLOW_BY_CARVING
};

/* Times are the caller's own, as given to flow_begin_walk. */
struct flow_record {
    enum flow_action action;
    uint64_t sequence;   /* of the event: from 1, without a hole */
    uint64_t at;         /* time of the walk */
    uint64_t opened;     /* sequence of its FLOW_OPENED; 0: it has none (FLOW_ATTEMPTED) */
    uint64_t first_seen; /* times of walks */
    uint64_t last_seen;

    struct socket_tuple tuple;
    struct gva sock;   /* kernel object, last seen */
    uint64_t cookie;   /* 0: the kernel has not assigned one */
    uint32_t netns;    /* namespace inode number */
    uint32_t bound_if; /* as in struct socket_record */
    uint8_t state;     /* enum tcp_state, last seen */
    uint8_t object;    /* enum socket_object, last seen */
    uint8_t direction; /* enum flow_direction */
    uint8_t close;     /* enum flow_close; of FLOW_CLOSED */
    uint8_t witness;   /* enum flow_witness */
    bool opened_here;  /* this end is the source; meaningful unless direction is FLOW_UNDIRECTED */

    bool has_bytes;    /* the two below are known, as they were at the last look */
    uint64_t sent;     /* payload of this end that the peer has acknowledged */
    uint64_t received; /* payload of the peer that arrived here */

    bool has_uid;
    bool has_process;
    uint32_t uid; /* owner of the socket's inode, or its creator's when none is attached */
    uint32_t pid; /* of the first process found to hold it open */
    char comm[SOCKET_COMM_SIZE];
    char cgroup[SOCKET_CGROUP_SIZE]; /* "": unknown */
};

#endif
