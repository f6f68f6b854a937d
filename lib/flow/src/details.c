#include "details.h"

#include "cgroups.h"
#include "flow/direction.h"

static void learn_user(struct flow_entry *flow, const struct socket_record *record)
{
    bool own_inode = record->has_inode && record->object == SOCKET_FULL;
    enum user user = own_inode                                  ? USER_INODE
                     : record->has_inode || record->has_creator ? USER_CREATOR
                                                                : USER_UNKNOWN;
    if (user <= flow->user)
        return;
    flow->user = (uint8_t)user;
    flow->uid = record->has_inode ? record->uid : record->creator_uid;
}

/* The first process found stays: the socket may be handed on, or outlive it. */
static void learn_process(struct flow_entry *flow, const struct socket_record *record)
{
    if (record->owner_count == 0 || flow->has_process)
        return;
    flow->has_process = true;
    flow->pid = record->owners[0].pid;
    bytes_copy(flow->comm, record->owners[0].comm, sizeof flow->comm);
    flow->comm[sizeof flow->comm - 1] = '\0';
}

static void learn_cgroup(struct flow_table *table, struct flow_entry *flow,
                         const struct socket_record *record)
{
    if (flow->cgroup != 0 || record->cgroup_path[0] == '\0')
        return;
    flow->cgroup = cgroups_take(&table->cgroups, record->cgroup_path);
    table->counters.cgroups_missed += flow->cgroup == 0 ? 1 : 0;
}

static void learn_bytes(struct flow_entry *flow, const struct socket_record *record)
{
    if (!record->has_counters)
        return;
    flow->has_bytes = true;
    flow->sent = flow_sent(record, flow->opened_here);
    flow->received = flow_received(record);
}

/* Walks, fewer than a refresh has: flows that came together do not become due together. */
static uint32_t spread(const struct flow_table *table, const struct flow_entry *flow)
{
    const struct names names = store_names(flow);
    return names_hash(&table->keys, &names) % table->refresh;
}

/*
 * An owner that is missing is asked for at once, as a connection that waits to be accepted will
 * get one, and then less often, as a socket of the kernel's own never will.
 */
static void schedule(const struct flow_table *table, struct flow_entry *flow,
                     const struct socket_record *record)
{
    bool was_owned = flow->owned;
    bool searched = record->owners_known;
    flow->owned = was_owned || (flow->user == USER_INODE && (flow->has_process || !searched));
    if (flow->owned) {
        flow->due = table->walk + table->refresh - (was_owned ? 0 : spread(table, flow));
        return;
    }
    flow->due = table->walk + (flow->asked < FLOW_ASKS ? 1 : FLOW_ASKS);
    flow->asked = (uint8_t)(flow->asked < FLOW_ASKS ? flow->asked + 1 : FLOW_ASKS);
}

void details_learn(struct flow_table *table, struct flow_entry *flow,
                   const struct socket_record *record)
{
    details_orient(table, flow, record);
    learn_bytes(flow, record);
    learn_user(flow, record);
    learn_process(flow, record);
    learn_cgroup(table, flow, record);
    schedule(table, flow, record);
}

void details_forget(struct flow_table *table, const struct flow_entry *flow)
{
    cgroups_release(&table->cgroups, flow->cgroup);
}

void details_orient(struct flow_table *table, struct flow_entry *flow,
                    const struct socket_record *record)
{
    if (flow->certain)
        return;
    struct flow_opener opener = flow_opener_of(record, &table->listeners);
    if (flow->direction != FLOW_UNDIRECTED && !opener.certain)
        return;
    flow->opened_here = opener.here;
    flow->certain = opener.certain;
    if (flow_is_internal(&record->tuple))
        flow->direction = FLOW_INTERNAL;
    if (flow->direction != FLOW_INTERNAL)
        flow->direction = opener.here ? FLOW_OUTBOUND : FLOW_INBOUND;
}

/* One end knows who opened it, so the other does. */
static void agree(const struct flow_entry *knows, struct flow_entry *guesses)
{
    guesses->opened_here = !knows->opened_here;
    guesses->certain = true;
}

void details_pair(struct flow_table *table, struct flow_entry *flow)
{
    const struct names names = store_names(flow);
    unsigned char addresses[NAMES_ADDRESSES];
    const struct names mirrored = names_mirrored(&names, addresses);
    struct flow_entry *other = store_find(table, &mirrored);
    /* Not an end that still connects: it need not be one of this connection. */
    if (other == NULL || other == flow || other->opened == 0)
        return;
    flow->direction = other->direction = FLOW_INTERNAL;
    if (other->certain && !flow->certain)
        agree(other, flow);
    else if (flow->certain && !other->certain)
        agree(flow, other);
}
