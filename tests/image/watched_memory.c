#include "watched_memory.h"

#include <string.h>

static bool read_watched(void *context, struct gpa from, void *to, size_t length)
{
    struct watched_memory *watched = context;
    uint64_t size = watched->image->shape.ram_size;
    watched->reads++;
    if (length > watched->longest)
        watched->longest = length;
    if (watched->before != NULL)
        watched->before(watched->context, watched->reads, from, length);
    if (from.v > size || length > size - from.v)
        return false;
    if (from.v < watched->refuse_to && from.v + length > watched->refuse_from)
        return false;
    memcpy(to, watched->image->ram + from.v, length);
    return true;
}

struct guestmem watched_guestmem(struct watched_memory *watched)
{
    return (struct guestmem){.read = read_watched,
                             .context = watched,
                             .ranges = &watched->image->range,
                             .range_count = 1,
                             .end = watched->image->shape.ram_size};
}
