/*
 * The counters of a namespace, read from the guest: all of them, or the few that show whether
 * anything happened since the last walk.
 *
 * Cost, in reads of guest memory: for all 9 and 9 a possible CPU, for the few 3 and 1 a possible
 * CPU, and one more for every further 64 numbers of CPUs; page walks come on top where per-CPU
 * memory lies outside the direct map.
 */
#ifndef TCP_COUNTERS_H
#define TCP_COUNTERS_H

#include "tcp/scan.h"

/*
 * Fills `counters` and `cookie` of a namespace that a walk left in its workspace. What this kernel
 * lacks, or what cannot be read, is not known afterwards. Fails, and changes nothing, when not even
 * struct tcp_mib can be read: STATUS_UNSUPPORTED, this kernel's layout of it is not known.
 */
MUST_CHECK enum status tcp_read_counters(const struct kernel_layout *layout, struct budget *budget,
                                         struct tcp_namespace *space);

/* While none of these changes, no connection of the namespace comes, goes or changes its state. */
struct tcp_activity {
    uint64_t in_segs, out_segs, active_opens, passive_opens, curr_estab;
};

static inline bool tcp_activity_equal(const struct tcp_activity *a, const struct tcp_activity *b)
{
    return a->in_segs == b->in_segs && a->out_segs == b->out_segs &&
           a->active_opens == b->active_opens && a->passive_opens == b->passive_opens &&
           a->curr_estab == b->curr_estab;
}

/* Reads these of the namespace at `net`, a struct net. STATUS_UNSUPPORTED as above. */
MUST_CHECK enum status tcp_read_activity(const struct kernel_layout *layout, struct budget *budget,
                                         struct gva net, struct tcp_activity *activity);

#endif
