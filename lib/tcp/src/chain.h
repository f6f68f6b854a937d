/*
 * One bucket's chain while it is walked: step by step, so that several can be under way, and again
 * until it holds still.
 */
#ifndef TCP_CHAIN_H
#define TCP_CHAIN_H

#include "node.h"

struct chain {
    struct bucket bucket;
    struct gva head; /* as it was when the pass began */
    struct gva node; /* what is visited next */
    struct cycle cycle;
    struct socket_record *records; /* room that it has for itself */
    size_t room;
    size_t count;
    size_t previous;    /* records that come from earlier passes */
    bool parted;        /* records were handed out already: a retry would repeat them */
    enum status status; /* of the pass */
    const char *trouble;
    struct gva at;
    bool contradicted; /* the trouble is a node that is not what it should be */
};

/* Begins the walk of a bucket that is not empty; `chain` has its records and room. */
void chain_begin(struct tcp_walk *walk, struct chain *chain, const struct bucket *bucket,
                 struct gva head);

/* Visits the next node. False: the pass has ended, and chain_end is due. */
bool chain_step(struct tcp_walk *walk, struct chain *chain);

/*
 * Repeats a pass that failed, in the room that all chains share, and hands out what was found. What
 * stays contradictory is counted in the summary. Fails with STATUS_BUDGET and STATUS_STOPPED only;
 * records found before are emitted.
 */
MUST_CHECK enum status chain_end(struct tcp_walk *walk, struct chain *chain);

#endif
