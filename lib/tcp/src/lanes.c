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

/* The part's next bucket that is not empty, and its head; false when there is none left. */
static bool next_filled(struct lanes *lanes, uint32_t *index, uint64_t *head)
{
    const struct part *part = lanes->part;
    const struct tcp_table *table = part->table;
    const unsigned char *at = part->bytes + (size_t)lanes->next * table->bucket_size + table->head;
    uint64_t nulls = nulls_of(table->kind, part->first + lanes->next);
    for (uint32_t i = lanes->next; i < part->count; i++) {
        *head = load_le64(at);
        if (*head != nulls) {
            *index = i;
            lanes->next = i + 1;
            return true;
        }
        at += table->bucket_size;
        nulls += 2;
    }
    lanes->next = part->count;
    return false;
}

/* Begins the next bucket that is not empty. */
static bool begin_next(struct lanes *lanes, struct chain *chain)
{
    const struct part *part = lanes->part;
    const struct tcp_table *table = part->table;
    uint32_t index;
    uint64_t head;
    if (!next_filled(lanes, &index, &head))
        return false;
    uint32_t number = part->first + index;
    const struct bucket bucket = {
        .table = table,
        .number = number,
        .nulls = nulls_of(table->kind, number),
        .at = gva_add(table->buckets, (uint64_t)number * table->bucket_size + table->head)};
    chain_begin(lanes->walk, chain, &bucket, gva(head));
    return true;
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
    if (layout->space.memory->prefetch == NULL)
        return;
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
