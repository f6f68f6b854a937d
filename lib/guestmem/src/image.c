#include "guestmem/image.h"

#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "base/checked.h"
#include "segments.h"

#define FOUR_GIB (1ULL << 32)

enum {
    CACHE_LINE = 64
};

static bool overlaps(const struct guestmem_range *a, const struct guestmem_range *b)
{
    return a->start.v < b->start.v + b->size && b->start.v < a->start.v + a->size;
}

enum status segment_add(struct image *image, struct guestmem_range range,
                        const unsigned char *bytes, struct evidence *evidence, uint64_t at)
{
    uint64_t end;
    if (range.size == 0)
        return STATUS_OK;
    if (!checked_add(range.start.v, range.size, &end))
        return refuse(evidence, STATUS_MALFORMED, "a segment wraps the address space", at);
    if (image->count == IMAGE_SEGMENTS_MAX)
        return refuse(evidence, STATUS_FULL, "too many segments", at);
    size_t i = image->count;
    while (i > 0 && image->ranges[i - 1].start.v > range.start.v)
        i--;
    if (i < image->count && overlaps(&range, &image->ranges[i]))
        return refuse(evidence, STATUS_MALFORMED, "segments overlap", at);
    if (i > 0 && overlaps(&range, &image->ranges[i - 1]))
        return refuse(evidence, STATUS_MALFORMED, "segments overlap", at);
    for (size_t j = image->count; j > i; j--) {
        image->ranges[j] = image->ranges[j - 1];
        image->bytes[j] = image->bytes[j - 1];
    }
    image->ranges[i] = range;
    image->bytes[i] = bytes;
    image->count++;
    return STATUS_OK;
}

static bool holds(const struct image *image, size_t i, uint64_t at)
{
    return i < image->count && at >= image->ranges[i].start.v &&
           at - image->ranges[i].start.v < image->ranges[i].size;
}

/* The segment with the byte at `at`, or image->count. */
static size_t segment_of(struct image *image, uint64_t at)
{
    if (holds(image, image->last, at))
        return image->last;
    size_t low = 0;
    size_t high = image->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (image->ranges[middle].start.v + (image->ranges[middle].size - 1) < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (!holds(image, low, at))
        return image->count;
    image->last = low;
    return low;
}

static bool read_segments(struct image *image, struct gpa from, unsigned char *to, size_t length)
{
    while (length > 0) {
        size_t i = segment_of(image, from.v);
        if (i == image->count)
            return false;
        uint64_t offset = from.v - image->ranges[i].start.v;
        uint64_t left = image->ranges[i].size - offset;
        size_t part = length < left ? length : (size_t)left;
        bytes_copy(to, image->bytes[i] + offset, part);
        to += part;
        length -= part;
        from = gpa_add(from, part);
    }
    return true;
}

/* Most reads lie in the segment of the one before. */
static bool image_read(void *context, struct gpa from, void *to, size_t length)
{
    struct image *image = context;
    size_t i = image->last;
    if (i >= image->count || from.v < image->ranges[i].start.v ||
        !range_within(from.v - image->ranges[i].start.v, length, image->ranges[i].size))
        return read_segments(image, from, to, length);
    bytes_copy(to, image->bytes[i] + (from.v - image->ranges[i].start.v), length);
    return true;
}

/* Only in the segment that served the last read: most images have one large one. */
static void image_prefetch(void *context, const struct gpa *from, size_t count, size_t length)
{
    const struct image *image = context;
    size_t i = image->last;
    if (i >= image->count || image->ranges[i].size < length)
        return;
    uint64_t start = image->ranges[i].start.v;
    uint64_t room = image->ranges[i].size - length;
    for (size_t n = 0; n < count; n++) {
        uint64_t offset = from[n].v - start;
        for (size_t at = 0; at < length && offset <= room; at += CACHE_LINE)
            __builtin_prefetch(image->bytes[i] + offset + at);
    }
}

static uint64_t end_of(const struct image *image)
{
    if (image->count == 0)
        return 0;
    const struct guestmem_range *last = &image->ranges[image->count - 1];
    return last->start.v + last->size;
}

struct guestmem image_memory(struct image *image)
{
    return (struct guestmem){.read = image_read,
                             .prefetch = image_prefetch,
                             .context = image,
                             .ranges = image->ranges,
                             .range_count = image->count,
                             .end = end_of(image)};
}

enum status image_from_raw(const unsigned char *bytes, uint64_t size, uint64_t below_4g,
                           struct image *image, struct evidence *evidence)
{
    if (size == 0)
        return refuse(evidence, STATUS_TRUNCATED, "the file is empty", 0);
    if (below_4g == 0 || below_4g > FOUR_GIB || below_4g % X86_PAGE_SIZE != 0)
        return refuse(evidence, STATUS_MALFORMED, "size of RAM below 4 GiB", below_4g);
    uint64_t low = size < below_4g ? size : below_4g;
    image->ranges[0] = (struct guestmem_range){gpa(0), low};
    image->bytes[0] = bytes;
    image->ranges[1] = (struct guestmem_range){gpa(FOUR_GIB), size - low};
    image->bytes[1] = bytes + low;
    image->count = size > low ? 2 : 1;
    image->last = 0;
    return STATUS_OK;
}
