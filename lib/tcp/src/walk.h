/*
 * What the stages of a walk share.
 */
#ifndef TCP_WALK_H
#define TCP_WALK_H

#include "tcp/scan.h"

/* Reads of the guest's kernel memory for this walk. */
MUST_CHECK enum status walk_read(struct tcp_walk *walk, struct gva at, void *to, size_t length);
MUST_CHECK enum status walk_u32(struct tcp_walk *walk, struct gva at, uint32_t *value);
MUST_CHECK enum status walk_u64(struct tcp_walk *walk, struct gva at, uint64_t *value);
MUST_CHECK enum status walk_pointer(struct tcp_walk *walk, struct gva at, struct gva *value);

/* Keeps the first few anomalies with their address, and counts all. */
void walk_anomaly(struct tcp_walk *walk, const char *what, struct gva at);

/* Brent's cycle detection: true when `at` has been met before. */
struct cycle {
    struct gva mark;
    uint64_t steps, limit;
};

bool cycle_closed(struct cycle *cycle, struct gva at);

/* Finds the namespaces; fills the workspace. Only running out of budget is a failure. */
MUST_CHECK enum status namespaces_find(struct tcp_walk *walk);

/* Facts of a namespace by its address, also of one that has left the list. */
MUST_CHECK enum status namespace_facts(struct tcp_walk *walk, struct gva net,
                                       struct tcp_net_facts *facts);

/* Names the cgroup of a record. On failure it stays unnamed; only STATUS_BUDGET concerns others. */
MUST_CHECK enum status cgroup_name(struct tcp_walk *walk, struct socket_record *record);

#endif
