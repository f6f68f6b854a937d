/*
 * The coverage account: the kernel's own counters against what the flow table recorded, for each
 * network namespace and in sum, since tracking began. See base/record/coverage.h.
 *
 * For each walk, in this order: account_begin; account_namespace for each namespace there is;
 * account_socket for each socket and account_flow for each event of the flow table, as they come;
 * after flow_end_walk, account_end. Tracking begins with the first walk that was complete: what is
 * there by then is the baseline. The others may be called between walks.
 *
 * A namespace is known by its inode number, and told from another of that number by struct net, its
 * cookie, and, where the kernel gives none, by counters that went backwards. One that appears later
 * is counted from its birth. One that vanished stays in the sum as it was last read. Numbers are
 * the guest's: one that goes backwards or leaps is counted and left out; sums stop at their
 * largest.
 *
 * Room is the caller's and is never exceeded: namespaces beyond it are counted, and only that.
 */
#ifndef FLOW_ACCOUNT_H
#define FLOW_ACCOUNT_H

#include "base/record/coverage.h"
#include "base/record/flow.h"
#include "base/status.h"

enum {
    ACCOUNT_ROOM_BYTES = 1032, /* room that one namespace takes */
    ACCOUNT_ROOMS_MAX = 1 << 16
};

/* A growth of more than this between two walks is no growth: 256 TiB, or as many connections. */
#define ACCOUNT_LEAP (1ULL << 48)

struct account_room;
struct account_place;

/* Its members are for lib/flow. */
struct account {
    struct account_room *rooms;   /* [0, count) are in use */
    struct account_place *places; /* the same, sorted by inode number */
    uint32_t room;
    uint32_t count;
    uint32_t last; /* room that was found last */
    uint32_t walk;
    uint64_t now;
    uint64_t began; /* time of the walk with which tracking began */
    bool tracking;
    bool listed; /* the last walk saw every namespace, and each of them has a room */
    uint32_t untracked;
    struct coverage_record gone; /* namespaces that vanished */
    bool complete, still;
};

/* A namespace as a walk found it. `counters` may know nothing. */
struct account_namespace {
    struct gva net;
    uint64_t cookie; /* 0: not known */
    uint32_t inum;
    const struct counters *counters;
};

struct account_walk {
    bool complete; /* it saw all there was */
    bool listed;   /* it saw all namespaces */
    bool still;    /* the guest stood still from account_namespace to account_end */
};

/* Bytes of memory for `rooms` namespaces, 1 to ACCOUNT_ROOMS_MAX. */
size_t account_bytes(uint32_t rooms);

/* An account of nothing in `memory`: account_bytes of it, aligned to 8, which the account keeps. */
void account_init(struct account *account, void *memory, uint32_t rooms);

/* A walk begins, at the time that flow_begin_walk is told as well. */
void account_begin(struct account *account, uint64_t now);
void account_namespace(struct account *account, const struct account_namespace *found);
void account_socket(struct account *account, const struct socket_record *socket);
void account_flow(struct account *account, const struct flow_record *event);
void account_end(struct account *account, const struct account_walk *walk);

/* Namespaces of the account that are there. */
uint32_t account_count(const struct account *account);

/* The record of namespace `index`, below account_count, in the order of their inode numbers. */
void account_get(const struct account *account, uint32_t index, struct coverage_record *record);

/* All of them together, and those that vanished. */
void account_sum(const struct account *account, struct coverage_record *record);

#endif
