/*
 * One socket as one walk saw it: what tcp/ hands to flow/ and to the command line.
 *
 * A record is an endpoint; a connection on localhost has two. All fields are copies of guest
 * memory that passed the walk's checks; none is trusted further than that.
 */
#ifndef BASE_RECORD_SOCKET_H
#define BASE_RECORD_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/bytes.h"

/* TCP states with the numbers of Linux (include/net/tcp_states.h). */
enum tcp_state {
    TCP_STATE_ESTABLISHED = 1,
    TCP_STATE_SYN_SENT,
    TCP_STATE_SYN_RECV,
    TCP_STATE_FIN_WAIT1,
    TCP_STATE_FIN_WAIT2,
    TCP_STATE_TIME_WAIT,
    TCP_STATE_CLOSE,
    TCP_STATE_CLOSE_WAIT,
    TCP_STATE_LAST_ACK,
    TCP_STATE_LISTEN,
    TCP_STATE_CLOSING,
    TCP_STATE_NEW_SYN_RECV,
    TCP_STATE_BOUND_INACTIVE,
    TCP_STATE_COUNT
};

/* What kind of kernel object the endpoint is; it decides which fields exist. */
enum socket_object {
    SOCKET_FULL,      /* struct tcp_sock: everything below */
    SOCKET_TIME_WAIT, /* struct tcp_timewait_sock: tuple, state and namespace only */
    SOCKET_REQUEST    /* struct tcp_request_sock: tuple, namespace and its listener's uid */
};

/* How far the tuple was confirmed against the kernel's own hash of it. */
enum socket_check {
    SOCKET_BUCKET_ONLY, /* the stored hash fits the bucket; the secret is not known */
    SOCKET_KEYED        /* the keyed hash over the tuple, computed anew, is the stored one; of a
                           listener, for which none is stored, it is its bucket's */
};

/* Addresses in network byte order: 4 bytes for IPv4, the rest zero; ports in host order. */
struct socket_tuple {
    unsigned char local[16];
    unsigned char remote[16];
    uint16_t local_port;
    uint16_t remote_port;
    uint8_t ip_version; /* 4 or 6; an IPv4-mapped IPv6 tuple is 4 */
};

static inline bool socket_tuple_equal(const struct socket_tuple *a, const struct socket_tuple *b)
{
    return a->ip_version == b->ip_version && a->local_port == b->local_port &&
           a->remote_port == b->remote_port && bytes_equal(a->local, b->local, sizeof a->local) &&
           bytes_equal(a->remote, b->remote, sizeof a->remote);
}

struct socket_counters {
    uint64_t bytes_sent;     /* payload handed to IP, retransmissions included */
    uint64_t bytes_acked;    /* RFC 4898 ThruOctetsAcked: counts the SYN of the active side */
    uint64_t bytes_received; /* RFC 4898 ThruOctetsReceived */
    uint32_t segs_out;
    uint32_t segs_in;
};

enum {
    SOCKET_OWNERS_MAX = 4,
    SOCKET_COMM_SIZE = 16,
    SOCKET_CGROUP_SIZE = 256
};

/* One process that holds the socket open. */
struct socket_owner {
    uint32_t pid; /* thread group id in the initial pid namespace */
    uint32_t fd;
    char comm[SOCKET_COMM_SIZE]; /* NUL-terminated; bytes as the guest has them */
};

struct socket_record {
    struct socket_tuple tuple;
    struct gva sock;   /* address of the kernel object: identity while it lives */
    struct gva net;    /* struct net */
    uint64_t cookie;   /* 0: the kernel has not assigned one */
    uint32_t hash;     /* the kernel's own hash of the tuple; 0 for a listener */
    uint32_t sequence; /* SND.NXT of a time-wait socket, which stays; 0: not known */
    uint32_t bound_if; /* interface index of SO_BINDTODEVICE, 0: none */
    uint32_t netns;    /* namespace inode number */
    uint8_t state;     /* enum tcp_state, as /proc/net/tcp shows it: a request is SYN_RECV */
    uint8_t object;    /* enum socket_object */
    uint8_t check;     /* enum socket_check */
    bool mapped;       /* an IPv6 socket that carries an IPv4 tuple */
    bool v6_socket;    /* address family of the socket is AF_INET6 */
    bool has_inode;    /* uid and inode below are those of an attached struct socket */
    bool has_creator;  /* creator_uid is known */
    bool has_counters; /* counters are known */
    bool owners_known; /* the descriptor tables were searched for this socket */

    uint32_t uid;         /* owner of the socket inode (of the listener, for a request) */
    uint32_t creator_uid; /* sock.sk_uid: outlives the descriptor */
    uint32_t owner_count; /* processes found; at most SOCKET_OWNERS_MAX of them are listed */
    uint64_t inode;       /* socket inode number */
    struct socket_counters counters;

    struct gva file;   /* struct file of the descriptor, 0: none */
    struct gva cgroup; /* struct cgroup, 0: none */
    struct socket_owner owners[SOCKET_OWNERS_MAX];
    char cgroup_path[SOCKET_CGROUP_SIZE]; /* "" unknown; starts with "/" otherwise */
};

/* A record of nothing: a walk makes many, and the lists at the end are long. */
static inline void socket_record_clear(struct socket_record *record)
{
    bytes_zero(record, __builtin_offsetof(struct socket_record, owners));
    record->cgroup_path[0] = '\0';
}

/* Copies a record whose lists at the end are still empty. */
static inline void socket_record_copy(struct socket_record *to, const struct socket_record *from)
{
    bytes_copy(to, from, __builtin_offsetof(struct socket_record, owners));
    to->cgroup_path[0] = '\0';
}

#endif
