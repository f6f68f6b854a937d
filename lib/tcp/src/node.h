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

enum table_kind {
    TABLE_CONNECTIONS, /* ehash: established, TIME_WAIT, requests */
    TABLE_LISTENERS    /* lhash2 */
};

struct bucket {
    enum table_kind kind;
    struct gva head; /* address of the chain's first pointer */
    uint32_t number;
    uint32_t mask;  /* buckets of the table - 1 */
    uint64_t first; /* the chain's first pointer, as it was read with other buckets' */
    uint64_t nulls; /* pointer value that ends this bucket's chain */
};

/*
 * Reads the node at `sock`. STATUS_MISMATCH: it moved or contradicts itself, walk the bucket
 * again; STATUS_OUTSIDE, STATUS_UNMAPPED: its memory is not there; STATUS_BUDGET. `next` is the
 * pointer as it was when the node was copied.
 */
MUST_CHECK enum status node_read(struct walk *walk, const struct bucket *bucket, struct gva sock,
                                 struct socket_record *record, struct gva *next);

/* Confirms the tuple by the keyed hash, learning the secrets on the way. */
bool node_keyed(struct walk *walk, struct socket_record *record, uint32_t hash_mix);

/* Bytes of an object that node_read copies: struct sock_common, and TIME_WAIT's substate if near.
 */
uint32_t node_copied(const struct kernel_members *members);

/* Reads what lies outside of what was copied, by the kind of object. */
MUST_CHECK enum status node_details(struct walk *walk, struct socket_record *record,
                                    struct gva listener);

#endif
