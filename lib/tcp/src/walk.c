#include "walk.h"

enum status walk_read(struct tcp_walk *walk, struct gva at, void *to, size_t length)
{
    return paging_read(&walk->layout->space, walk->budget, at, to, length);
}

enum status walk_u32(struct tcp_walk *walk, struct gva at, uint32_t *value)
{
    return paging_read_u32(&walk->layout->space, walk->budget, at, value);
}

enum status walk_u64(struct tcp_walk *walk, struct gva at, uint64_t *value)
{
    return paging_read_u64(&walk->layout->space, walk->budget, at, value);
}

enum status walk_pointer(struct tcp_walk *walk, struct gva at, struct gva *value)
{
    return paging_read_pointer(&walk->layout->space, walk->budget, at, value);
}

void walk_anomaly(struct tcp_walk *walk, const char *what, struct gva at)
{
    struct tcp_summary *summary = walk->summary;
    if (summary->anomaly_count < TCP_ANOMALIES_MAX)
        summary->anomalies[summary->anomaly_count] = (struct evidence){.what = what, .at = at.v};
    summary->anomaly_count++;
}

bool cycle_closed(struct cycle *cycle, struct gva at)
{
    if (cycle->steps > 0 && at.v == cycle->mark.v)
        return true;
    if (cycle->steps == cycle->limit) {
        cycle->mark = at;
        cycle->limit = 2 * cycle->limit + 1;
        cycle->steps = 0;
    }
    cycle->steps++;
    return false;
}
