/* Namespaces of the account, by inode number. */
#ifndef FLOW_ACCOUNT_ROOMS_H
#define FLOW_ACCOUNT_ROOMS_H

#include "flow/account.h"

/* What events told; all of these only grow. */
struct account_flows {
    uint64_t opened, attempted, connecting; /* connecting: attempted in SYN_SENT */
    uint64_t reached;                       /* TIME_WAIT */
    uint64_t closed, closed_waiting;        /* closed_waiting: out of a time-wait socket */
    uint64_t closed_fin_wait; /* of these, out of one that was in FIN_WAIT2 to the end */
    uint64_t payload_in, payload_out;
};

/* Sockets that one walk saw. */
struct account_sockets {
    uint64_t connecting;  /* SYN_SENT, SYN_RECV, without requests */
    uint64_t established; /* ESTABLISHED, CLOSE_WAIT */
    uint64_t closing;     /* the other states up to TIME_WAIT */
    uint64_t waiting;     /* time-wait sockets */
    uint64_t fin_waiting; /* of these, in FIN_WAIT2 */
};

struct account_sight {
    struct account_flows flows;
    struct account_sockets sockets;
};

struct account_room {
    struct gva net;
    uint64_t cookie;
    uint32_t inum;
    uint32_t walk;  /* that saw it last */
    uint64_t began; /* time of the walk that saw it first */
    uint64_t anomalies;
    uint64_t unread;      /* counters that were known, but could not be read last: by bit */
    bool cut;             /* something it counted is not in `since` */
    uint64_t established; /* CurrEstab at the start */
    struct account_sight start, kept; /* when tracking began, and at the end of the last walk */
    struct account_sight live;        /* as this walk goes on */
    struct counters last;             /* as read last */
    struct counters since;
};

struct account_place {
    uint32_t inum;
    uint32_t room;
};

/* NULL: the account has none of this number. */
struct account_room *rooms_find(struct account *account, uint32_t inum);

/* A room of zeros with this number, which must be new. NULL: there is no more room. */
struct account_room *rooms_add(struct account *account, uint32_t inum);

/* The last room takes the place of the one that is removed. */
void rooms_remove(struct account *account, struct account_room *room);

/* What is in `room` as a record. */
void coverage_of(const struct account_room *room, struct coverage_record *record);

/* What was there is no more: levels become zero. */
void coverage_end(struct coverage_record *record);

/* Adds the terms of `from`; what is a property of the account is left alone. */
void coverage_add(struct coverage_record *to, const struct coverage_record *from);

/* The sum, or the largest number there is. */
static inline uint64_t sum_of(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/* a - b; the largest there is of its sign where that does not fit. */
static inline int64_t less(uint64_t a, uint64_t b)
{
    uint64_t distance = a > b ? a - b : b - a;
    int64_t size = distance > INT64_MAX ? INT64_MAX : (int64_t)distance;
    return a > b ? size : -size;
}

/* a + b, and no further than the largest there is of its sign. */
static inline int64_t signed_sum(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return a > 0 ? INT64_MAX : -INT64_MAX;
}

#endif
