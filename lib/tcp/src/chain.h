/* Walking one bucket until it holds still, and handing out what was found. */
#ifndef TCP_CHAIN_H
#define TCP_CHAIN_H

#include "node.h"

/*
 * Walks a bucket, uniting the results of retries. What stays contradictory is counted in the
 * summary. Fails with STATUS_BUDGET and STATUS_STOPPED only; records found before are emitted.
 */
MUST_CHECK enum status chain_walk(struct walk *walk, const struct bucket *bucket);

#endif
