#include "lanes.h"

/* Listener chains end in values from here on (include/net/inet_hashtables.h, LISTENING_NULLS_BASE).
 */
#define LISTENING_NULLS_BASE (1ULL << 29)

struct lanes {
    struct tcp_walk *walk;
    const struct part *part;
    uint32_t next; /* of the part's buckets */
    unsigned live;
    struct chain chains[LANES_MAX];
};

static uint64_t nulls_of(enum tcp_table_kind kind, uint32_t bucket)
{
    uint64_t base = kind == TCP_TABLE_LISTENERS ? LISTENING_NULLS_BASE : 0;
    return (base + bucket) << 1 | 1;
}

/* Begins the next bucket that is not empty; false when there is none left. */
static bool begin_next(struct lanes *lanes, struct chain *chain)
{
    const struct part *part = lanes->part;
    const struct tcp_table *table = part->table;
    while (lanes->next < part->count) {
        uint32_t i = lanes->next++;
        size_t offset = (size_t)i * table->bucket_size + table->head;
        uint64_t head = load_le64(part->bytes + offset);
        const struct bucket bucket = {
            .table = table,
            .number = part->first + i,
            .nulls = nulls_of(table->kind, part->first + i),
            .at = gva_add(table->buckets, (uint64_t)part->first * table->bucket_size + offset)};
        if (head == bucket.nulls)
            continue;
        chain_begin(lanes->walk, chain, &bucket, gva(head));
        return true;
    }
    return false;
}

static unsigned lanes_for(const struct tcp_workspace *workspace)
{
    size_t lanes = (workspace->chain_room - lanes_shared_room(workspace)) / LANE_ROOM;
    return lanes < LANES_MAX ? (unsigned)lanes : LANES_MAX;
}

static void start(struct lanes *lanes)
{
    struct tcp_workspace *workspace = lanes->walk->workspace;
    struct socket_record *records = workspace->chain + lanes_shared_room(workspace);
    unsigned count = lanes_for(workspace);
    while (lanes->live < count) {
        struct chain *chain = &lanes->chains[lanes->live];
        chain->records = records + (size_t)lanes->live * LANE_ROOM;
        if (!begin_next(lanes, chain))
            break;
        lanes->live++;
    }
}

/* The lane takes the next bucket; false: it leaves, and the last one takes its place. */
static bool renew(struct lanes *lanes, unsigned i)
{
    struct chain *chain = &lanes->chains[i];
    if (begin_next(lanes, chain))
        return true;
    lanes->live--;
    if (i != lanes->live)
        *chain = lanes->chains[lanes->live];
    return false;
}

/*
 * All at once, before any of them is visited: a processor has few misses under way, and only those
 * of instructions that stand close together.
 */
static void fetch(const struct lanes *lanes)
{
    const struct kernel_layout *layout = lanes->walk->layout;
    struct gva socks[LANES_MAX];
    for (unsigned i = 0; i < lanes->live; i++)
        socks[i] = gva(lanes->chains[i].node.v - layout->members.common_nulls_node);
    paging_prefetch(&layout->space, socks, lanes->live, lanes->walk->copied);
}

/* A step of every lane. */
static enum status go_round(struct lanes *lanes)
{
    fetch(lanes);
    for (unsigned i = 0; i < lanes->live;) {
        struct chain *chain = &lanes->chains[i];
        if (!chain_step(lanes->walk, chain)) {
            enum status status = chain_end(lanes->walk, chain);
            if (status != STATUS_OK)
                return status;
            if (!renew(lanes, i))
                continue;
        }
        i++;
    }
    return STATUS_OK;
}

enum status lanes_walk(struct tcp_walk *walk, const struct part *part)
{
    struct lanes lanes;
    enum status status = STATUS_OK;
    lanes.walk = walk;
    lanes.part = part;
    lanes.next = 0;
    lanes.live = 0;
    start(&lanes);
    while (lanes.live > 0 && status == STATUS_OK)
        status = go_round(&lanes);
    return status;
}
