/*
 * Several chains at a time: while the memory of one node is fetched, the others go on.
 */
#ifndef TCP_LANES_H
#define TCP_LANES_H

#include "chain.h"

/* Buckets whose heads were read together. */
struct part {
    const struct tcp_table *table;
    uint32_t first; /* bucket */
    uint32_t count;
    const unsigned char *bytes; /* of the buckets */
};

/*
 * Records of the workspace's room that one chain may fill before it takes the shared ones, which
 * are the first half.
 */
enum {
    LANES_MAX = 32,
    LANE_ROOM = 8
};

static inline size_t lanes_shared_room(const struct tcp_workspace *workspace)
{
    return workspace->chain_room / 2;
}

/* Walks every bucket of the part that is not empty. STATUS_BUDGET and STATUS_STOPPED as chain_end.
 */
MUST_CHECK enum status lanes_walk(struct tcp_walk *walk, const struct part *part);

#endif
