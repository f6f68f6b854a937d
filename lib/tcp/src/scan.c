/* One walk: namespaces, listeners, then each connection table once. */
#include "tcp/scan.h"

#include "base/bytes.h"
#include "lanes.h"

enum {
    HEADS_SIZE = 4096,
    TABLE_BUCKETS_MAX = 1 << 24
};

/* Most buckets are empty: their heads are read in bulk, and only the others are walked. */
static enum status walk_part(struct tcp_walk *walk, uint32_t first, uint32_t count)
{
    unsigned char heads[HEADS_SIZE];
    const struct tcp_table *table = &walk->table;
    const struct part part = {.table = table, .first = first, .count = count, .bytes = heads};
    struct gva at = gva_add(table->buckets, (uint64_t)first * table->bucket_size);
    enum status status = walk_read(walk, at, heads, (size_t)count * table->bucket_size);
    if (status == STATUS_BUDGET)
        return status;
    if (status != STATUS_OK) {
        walk->summary->faults++;
        walk_anomaly(walk, "buckets that cannot be read", at);
        return STATUS_OK;
    }
    status = lanes_walk(walk, &part);
    walk->summary->buckets += count;
    return status;
}

static bool well_formed(const struct tcp_table *table)
{
    uint64_t buckets = (uint64_t)table->mask + 1;
    return buckets <= TABLE_BUCKETS_MAX && (buckets & (buckets - 1)) == 0 &&
           table->bucket_size >= sizeof(uint64_t) && table->bucket_size <= HEADS_SIZE &&
           table->head <= table->bucket_size - sizeof(uint64_t);
}

static enum status read_table(struct tcp_walk *walk, struct gva hashinfo, enum tcp_table_kind kind,
                              struct tcp_table *table)
{
    const struct kernel_members *m = &walk->layout->members;
    bool listeners = kind == TCP_TABLE_LISTENERS;
    struct tcp_table found = {.kind = kind,
                              .bucket_size =
                                  listeners ? m->listen_bucket_size : m->ehash_bucket_size,
                              .head = listeners ? m->listen_bucket_head : m->ehash_bucket_chain};
    uint32_t buckets_at = listeners ? m->hashinfo_lhash2 : m->hashinfo_ehash;
    uint32_t mask_at = listeners ? m->hashinfo_lhash2_mask : m->hashinfo_ehash_mask;
    enum status status = walk_pointer(walk, gva_add(hashinfo, buckets_at), &found.buckets);
    if (status == STATUS_OK)
        status = walk_u32(walk, gva_add(hashinfo, mask_at), &found.mask);
    if (status == STATUS_OK)
        *table = found;
    return status;
}

/* Namespaces share tables: a table is walked for the first namespace that names it. */
static bool walked_before(const struct tcp_workspace *workspace, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (workspace->namespaces[i].table.v == workspace->namespaces[index].table.v)
            return true;
    return false;
}

static enum status refuse_table(struct tcp_walk *walk, const char *what, struct gva at)
{
    walk->summary->faults++;
    walk_anomaly(walk, what, at);
    return STATUS_NOT_FOUND;
}

/* The table of namespace walk->space. STATUS_NOT_FOUND: there is nothing to walk. */
static enum status open_table(struct tcp_walk *walk, enum tcp_table_kind kind)
{
    struct tcp_namespace *space = &walk->workspace->namespaces[walk->space];
    struct tcp_table table = {.kind = kind};
    enum status status = read_table(walk, space->hashinfo, kind, &table);
    if (status == STATUS_BUDGET)
        return status;
    if (status != STATUS_OK)
        return refuse_table(walk, "a namespace's table that cannot be read", space->hashinfo);
    space->table = table.buckets;
    if (walked_before(walk->workspace, walk->space))
        return STATUS_NOT_FOUND;
    walk->summary->tables += kind == TCP_TABLE_CONNECTIONS ? 1 : 0;
    if (!well_formed(&table))
        return refuse_table(walk, "size of a hash table", table.buckets);
    table.part = HEADS_SIZE / table.bucket_size;
    walk->table = table;
    return STATUS_OK;
}

static bool pauses(const struct tcp_walk *walk)
{
    const struct tcp_sink *sink = walk->sink;
    return sink->pause != NULL && sink->pause(sink->context);
}

/* The open table, from walk->next on. */
static enum status walk_table(struct tcp_walk *walk)
{
    uint32_t buckets = walk->table.mask + 1;
    while (walk->next < buckets) {
        uint32_t left = buckets - walk->next;
        uint32_t count = left < walk->table.part ? left : walk->table.part;
        enum status status = walk_part(walk, walk->next, count);
        if (status != STATUS_OK)
            return status;
        walk->next += count;
        if (pauses(walk))
            return STATUS_PAUSED;
    }
    return STATUS_OK;
}

static enum status walk_tables(struct tcp_walk *walk)
{
    while (walk->space < walk->workspace->namespace_count) {
        enum status status = walk->next > 0 ? STATUS_OK : open_table(walk, walk->table.kind);
        if (status == STATUS_OK)
            status = walk_table(walk);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
        walk->space++;
        walk->next = 0;
    }
    return STATUS_OK;
}

enum status tcp_walk_begin(struct tcp_walk *walk)
{
    bytes_zero(walk->summary, sizeof *walk->summary);
    bytes_zero(walk->workspace->cgroups, sizeof walk->workspace->cgroups);
    bytes_zero(walk->nets, sizeof walk->nets);
    walk->copied = node_copied(&walk->layout->members);
    walk->table = (struct tcp_table){.kind = TCP_TABLE_LISTENERS};
    walk->space = 0;
    walk->next = 0;
    enum status status = namespaces_find(walk);
    walk->summary->out_of_budget = status == STATUS_BUDGET;
    return status;
}

enum status tcp_walk_step(struct tcp_walk *walk)
{
    enum status status = walk_tables(walk);
    while (status == STATUS_OK && walk->table.kind == TCP_TABLE_LISTENERS) {
        walk->table = (struct tcp_table){.kind = TCP_TABLE_CONNECTIONS};
        walk->space = 0;
        status = walk_tables(walk);
    }
    walk->summary->out_of_budget = status == STATUS_BUDGET;
    return status;
}

enum status tcp_scan(const struct kernel_layout *layout, struct tcp_secrets *secrets,
                     const struct tcp_owners *owners, struct tcp_workspace *workspace,
                     struct budget *budget, const struct tcp_sink *sink,
                     struct tcp_summary *summary)
{
    struct tcp_walk walk = {.layout = layout,
                            .secrets = secrets,
                            .owners = owners,
                            .workspace = workspace,
                            .budget = budget,
                            .sink = sink,
                            .summary = summary};
    enum status status = tcp_walk_begin(&walk);
    if (status == STATUS_OK)
        status = tcp_walk_step(&walk);
    while (status == STATUS_PAUSED)
        status = tcp_walk_step(&walk);
    return status;
}
