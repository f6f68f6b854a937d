/* Network namespaces: the list of them, and what a socket needs to know of its own. */
#include "walk.h"

enum {
    LIST_STEPS_MAX = 1 << 20
};

static enum status read_facts(struct tcp_walk *walk, struct gva net, struct tcp_net_facts *facts)
{
    const struct kernel_members *m = &walk->layout->members;
    struct tcp_net_facts found = {.net = net};
    enum status status = walk_u32(walk, gva_add(net, m->net_inum), &found.inum);
    if (status == STATUS_OK)
        status = walk_u32(walk, gva_add(net, m->net_hash_mix), &found.hash_mix);
    if (status == STATUS_OK)
        *facts = found;
    return status;
}

enum status namespace_facts(struct tcp_walk *walk, struct gva net, struct tcp_net_facts *facts)
{
    struct tcp_net_facts *cached = &walk->nets[(net.v >> 6 ^ net.v >> 12) % TCP_NET_CACHE];
    if (cached->net.v != net.v || net.v == 0) {
        enum status status = read_facts(walk, net, cached);
        if (status != STATUS_OK)
            return status;
    }
    *facts = *cached;
    return STATUS_OK;
}

static enum status add(struct tcp_walk *walk, struct gva net)
{
    struct tcp_workspace *workspace = walk->workspace;
    struct tcp_namespace space = {.net = net};
    struct tcp_net_facts facts = {0};
    struct gva at = gva_add(net, walk->layout->members.net_hashinfo);
    enum status status = read_facts(walk, net, &facts);
    if (status == STATUS_OK)
        status = walk_pointer(walk, at, &space.hashinfo);
    if (status != STATUS_OK)
        return status;
    space.inum = facts.inum;
    space.hash_mix = facts.hash_mix;
    walk->summary->namespaces++;
    if (workspace->namespace_count < workspace->namespace_room)
        workspace->namespaces[workspace->namespace_count++] = space;
    else
        walk->summary->namespaces_missed++;
    return STATUS_OK;
}

/* One step along the list; `link` is a list_head inside a struct net. */
static enum status step(struct tcp_walk *walk, struct gva link)
{
    struct gva net = gva(link.v - walk->layout->members.net_list);
    if (net.v == walk->layout->symbols.init_net.v)
        return STATUS_OK;
    return add(walk, net);
}

static enum status follow_list(struct tcp_walk *walk, struct gva *at)
{
    struct gva head = walk->layout->symbols.net_namespace_list;
    struct cycle cycle = {0};
    enum status status = walk_pointer(walk, head, at);
    for (unsigned i = 0; status == STATUS_OK && at->v != head.v; i++) {
        if (i == LIST_STEPS_MAX || cycle_closed(&cycle, *at))
            return STATUS_MALFORMED;
        status = step(walk, *at);
        if (status == STATUS_OK)
            status = walk_pointer(walk, *at, at);
    }
    return status;
}

/* The initial namespace is known by its symbol: a broken list does not hide it. */
enum status namespaces_find(struct tcp_walk *walk)
{
    struct gva at = walk->layout->symbols.init_net;
    walk->workspace->namespace_count = 0;
    enum status status = add(walk, at);
    if (status == STATUS_OK)
        status = follow_list(walk, &at);
    if (status != STATUS_OK && status != STATUS_BUDGET) {
        walk->summary->faults++;
        walk_anomaly(walk, "list of network namespaces", at);
        return STATUS_OK;
    }
    return status;
}
