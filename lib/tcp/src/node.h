/*
 * One node of a chain: copied, validated, and turned into a record.
 *
 * Sockets are freed and reused under the reader (SLAB_TYPESAFE_BY_RCU), so a node counts only when
 * the copy contradicts neither itself nor the bucket, and the object still is who it was after
 * everything else had been read.
 */
#ifndef TCP_NODE_H
#define TCP_NODE_H

#include "walk.h"

/* One bucket of a table. */
struct bucket {
    const struct tcp_table *table;
    struct gva at; /* address of the chain's first pointer */
    uint32_t number;
    uint64_t nulls; /* pointer value that ends this bucket's chain */
};

/* How many bytes of an object node_read copies: every member it decodes lies in them. */
uint32_t node_copied(const struct kernel_members *members);

/*
 * Reads the node at `sock`. STATUS_MISMATCH: it moved or contradicts itself, walk the bucket
 * again; STATUS_OUTSIDE, STATUS_UNMAPPED: its memory is not there; STATUS_BUDGET. `next` is the
 * pointer as it was when the node was copied. On failure `record` is undefined.
 */
MUST_CHECK enum status node_read(struct tcp_walk *walk, const struct bucket *bucket,
                                 struct gva sock, struct socket_record *record, struct gva *next);

/* Confirms the tuple by the keyed hash, learning the secrets on the way. */
bool node_keyed(struct tcp_walk *walk, struct socket_record *record, uint32_t hash_mix);

/* Reads what lies outside of what was copied, by the kind of object. */
MUST_CHECK enum status node_details(struct tcp_walk *walk, struct socket_record *record,
                                    struct gva listener);

#endif
