/* What is learned of a flow beyond its tuple and state, and kept to its end. */
#ifndef FLOW_DETAILS_H
#define FLOW_DETAILS_H

#include "store.h"

/* Whether the walk has read more of a socket than tells it from others. */
static inline bool details_in(const struct socket_record *record)
{
    return record->has_inode | record->has_creator | record->has_counters;
}

/* Keeps the details of the record and says when they are wanted next. */
void details_learn(struct flow_table *table, struct flow_entry *flow,
                   const struct socket_record *record);

enum {
    DETAILS_NEVER = UINT32_MAX / 2 /* a refresh that nobody lives to see */
};

/* Whether details of a flow that is known and has not changed are wanted. */
static inline bool details_due(const struct flow_table *table, const struct flow_entry *flow)
{
    return table->walk - flow->due <= UINT32_MAX / 2; /* numbers of walks run round */
}

/* Before the flow is removed. */
void details_forget(struct flow_table *table, const struct flow_entry *flow);

/* Who opened it, as far as the record tells; of a flow that is new, at least a guess. */
void details_orient(struct flow_table *table, struct flow_entry *flow,
                    const struct socket_record *record);

/* A flow that has just been connected: it is internal when its other end is known here. */
void details_pair(struct flow_table *table, struct flow_entry *flow);

/* All that is known of it; action, sequence and close are left zero. */
void details_describe(const struct flow_table *table, const struct flow_entry *flow,
                      struct flow_record *record);

#endif
