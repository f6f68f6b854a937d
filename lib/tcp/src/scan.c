/* One walk: namespaces, listeners, then each connection table once. */
#include "tcp/scan.h"

#include "base/bytes.h"
#include "chain.h"

enum {
    HEADS_SIZE = 512,
    TABLE_BUCKETS_MAX = 1 << 24
};

/* Listener chains end in values from here on (include/net/inet_hashtables.h, LISTENING_NULLS_BASE).
 */
#define LISTENING_NULLS_BASE (1ULL << 29)

struct table {
    enum table_kind kind;
    struct gva buckets;
    uint32_t mask;
    uint32_t bucket_size;
    uint32_t head; /* offset in a bucket */
};

static uint64_t nulls_of(enum table_kind kind, uint32_t bucket)
{
    uint64_t base = kind == TABLE_LISTENERS ? LISTENING_NULLS_BASE : 0;
    return (base + bucket) << 1 | 1;
}

static enum status walk_bucket(struct walk *walk, const struct table *table, uint32_t number,
                               struct gva at, uint64_t head)
{
    const struct bucket bucket = {.kind = table->kind,
                                  .head = at,
                                  .number = number,
                                  .mask = table->mask,
                                  .first = head,
                                  .nulls = nulls_of(table->kind, number)};
    return chain_walk(walk, &bucket);
}

/* Most buckets are empty: their heads are read in bulk, and only the others are walked. */
static enum status walk_part(struct walk *walk, const struct table *table, uint32_t first,
                             uint32_t count)
{
    unsigned char heads[HEADS_SIZE];
    struct gva at = gva_add(table->buckets, (uint64_t)first * table->bucket_size);
    enum status status = walk_read(walk, at, heads, (size_t)count * table->bucket_size);
    if (status == STATUS_BUDGET)
        return status;
    if (status != STATUS_OK) {
        walk->summary->faults++;
        walk_anomaly(walk, "buckets that cannot be read", at);
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        size_t offset = (size_t)i * table->bucket_size + table->head;
        uint64_t head = load_le64(heads + offset);
        if (head != nulls_of(table->kind, first + i))
            status = walk_bucket(walk, table, first + i, gva_add(at, offset), head);
    }
    walk->summary->buckets += count;
    return status;
}

static bool well_formed(const struct table *table)
{
    uint64_t buckets = (uint64_t)table->mask + 1;
    return buckets <= TABLE_BUCKETS_MAX && (buckets & (buckets - 1)) == 0 &&
           table->bucket_size >= sizeof(uint64_t) && table->bucket_size <= HEADS_SIZE &&
           table->head <= table->bucket_size - sizeof(uint64_t);
}

static enum status walk_table(struct walk *walk, const struct table *table)
{
    if (!well_formed(table)) {
        walk->summary->faults++;
        walk_anomaly(walk, "size of a hash table", table->buckets);
        return STATUS_OK;
    }
    uint32_t buckets = table->mask + 1;
    uint32_t part = HEADS_SIZE / table->bucket_size;
    enum status status = STATUS_OK;
    for (uint32_t first = 0; first < buckets && status == STATUS_OK; first += part) {
        uint32_t left = buckets - first;
        status = walk_part(walk, table, first, left < part ? left : part);
    }
    return status;
}

static enum status read_table(struct walk *walk, struct gva hashinfo, enum table_kind kind,
                              struct table *table)
{
    const struct kernel_members *m = &walk->layout->members;
    bool listeners = kind == TABLE_LISTENERS;
    struct table found = {.kind = kind,
                          .bucket_size = listeners ? m->listen_bucket_size : m->ehash_bucket_size,
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

static enum status walk_tables(struct walk *walk, enum table_kind kind)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < walk->workspace->namespace_count && status == STATUS_OK; i++) {
        struct gva hashinfo = walk->workspace->namespaces[i].hashinfo;
        struct table table = {.kind = kind};
        status = read_table(walk, hashinfo, kind, &table);
        if (status == STATUS_BUDGET)
            break;
        if (status != STATUS_OK) {
            walk->summary->faults++;
            walk_anomaly(walk, "a namespace's table that cannot be read", hashinfo);
            status = STATUS_OK;
            continue;
        }
        walk->workspace->namespaces[i].table = table.buckets;
        if (walked_before(walk->workspace, i))
            continue;
        walk->summary->tables += kind == TABLE_CONNECTIONS ? 1 : 0;
        status = walk_table(walk, &table);
    }
    return status;
}

enum status tcp_scan(const struct kernel_layout *layout, struct tcp_secrets *secrets,
                     const struct tcp_owners *owners, struct tcp_workspace *workspace,
                     struct budget *budget, const struct tcp_sink *sink,
                     struct tcp_summary *summary)
{
    struct walk walk = {.layout = layout,
                        .secrets = secrets,
                        .owners = owners,
                        .workspace = workspace,
                        .budget = budget,
                        .sink = sink,
                        .summary = summary};
    bytes_zero(summary, sizeof *summary);
    bytes_zero(workspace->cgroups, sizeof workspace->cgroups);
    enum status status = namespaces_find(&walk);
    if (status == STATUS_OK)
        status = walk_tables(&walk, TABLE_LISTENERS);
    if (status == STATUS_OK)
        status = walk_tables(&walk, TABLE_CONNECTIONS);
    summary->out_of_budget = status == STATUS_BUDGET;
    return status;
}
