#include "track/memory.h"

#include "arch/copy.h"
#include "mem/memory.h"

static bool read_l2(void *context, struct gpa from, void *to, size_t length)
{
    (void)context;
    const void *bytes = memory_l2(from, length);
    return bytes != NULL && copy_guarded(to, bytes, length);
}

struct guestmem track_memory(void)
{
    struct guestmem memory = {.read = read_l2};
    memory.range_count = memory_l2_ranges(&memory.ranges);
    if (memory.range_count > 0) {
        const struct guestmem_range *last = &memory.ranges[memory.range_count - 1];
        memory.end = last->start.v + last->size;
    }
    return memory;
}
