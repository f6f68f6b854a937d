#include "loader/place.h"

#include "abi/x86_paging.h"
#include "base/checked.h"
#include "loader/low_memory.h"
#include "mem/memory.h"

#define BELOW_4G 0x100000000ULL

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) & ~(alignment - 1);
}

static uint64_t align_down(uint64_t value, uint64_t alignment)
{
    return value & ~(alignment - 1);
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool fits_at(uint64_t at, uint64_t size, const struct guestmem_range *range)
{
    return at >= range->start.v && range_within(at - range->start.v, size, range->size) &&
           range_within(at, size, BELOW_4G);
}

/* First fit at or above `from`. */
static bool place_up(uint64_t size, uint64_t alignment, uint64_t from, struct gpa *at)
{
    const struct guestmem_range *ranges;
    size_t count = memory_l2_ranges(&ranges);
    for (size_t i = 0; i < count; i++) {
        uint64_t first = align_up(higher(ranges[i].start.v, from), alignment);
        if (!fits_at(first, size, &ranges[i]))
            continue;
        *at = gpa(first);
        return true;
    }
    return false;
}

static bool fits(uint64_t at, uint64_t size)
{
    const struct guestmem_range *ranges;
    size_t count = memory_l2_ranges(&ranges);
    for (size_t i = 0; i < count; i++)
        if (fits_at(at, size, &ranges[i]))
            return true;
    return false;
}

bool place_kernel(const struct bzimage *image, struct gpa *at)
{
    if (fits(image->pref_address, image->room)) {
        *at = gpa(image->pref_address);
        return true;
    }
    return image->relocatable && place_up(image->room, image->alignment, BZIMAGE_LOW_END, at);
}

struct search {
    uint64_t size;
    bool found;
    uint64_t at;
    uint64_t largest;
};

/* Pieces come in ascending order: the last that fits is the highest. */
static void consider(struct search *search, uint64_t start, uint64_t end)
{
    start = align_up(start, X86_PAGE_SIZE);
    if (end <= start)
        return;
    search->largest = higher(search->largest, end - start);
    if (search->size > end - start || align_down(end - search->size, X86_PAGE_SIZE) < start)
        return;
    search->at = align_down(end - search->size, X86_PAGE_SIZE);
    search->found = true;
}

bool place_high(uint64_t size, uint64_t last, struct guestmem_range avoid, struct gpa *at,
                uint64_t *largest)
{
    const struct guestmem_range *ranges;
    size_t count = memory_l2_ranges(&ranges);
    struct search search = {.size = size};
    uint64_t limit = last < BELOW_4G ? last + 1 : BELOW_4G;
    uint64_t avoid_end = avoid.start.v + avoid.size;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = higher(ranges[i].start.v, LOW_END);
        uint64_t end = lower(ranges[i].start.v + ranges[i].size, limit);
        consider(&search, start, lower(end, avoid.start.v));
        consider(&search, higher(start, avoid_end), end);
    }
    if (!search.found) {
        *largest = search.largest;
        return false;
    }
    *at = gpa(search.at);
    return true;
}
