/* guestmem/image.h: files of all formats, and reads from what they describe. */
#include "fuzz.h"
#include "guestmem/image.h"

static struct image image;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    return 0;
}

static void check_ranges(const unsigned char *bytes, size_t size)
{
    FUZZ_CHECK(image.count <= IMAGE_SEGMENTS_MAX);
    for (size_t i = 0; i < image.count; i++) {
        const struct guestmem_range *range = &image.ranges[i];
        FUZZ_CHECK(image.bytes[i] >= bytes && image.bytes[i] <= bytes + size);
        FUZZ_CHECK(range->size <= (size_t)(bytes + size - image.bytes[i]));
        FUZZ_CHECK(range->start.v + range->size >= range->start.v);
        FUZZ_CHECK(i == 0 ||
                   range->start.v - image.ranges[i - 1].start.v >= image.ranges[i - 1].size);
    }
}

static void read_around(const struct guestmem *memory, struct gpa edge)
{
    unsigned char room[64];
    for (uint64_t back = 0; back < 4; back++)
        for (size_t length = 1; length <= sizeof room; length *= 4)
            (void)!guestmem_read(memory, gpa(edge.v - back * 13), room, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct evidence evidence = {NULL, 0};
    enum status status = STATUS_UNSUPPORTED;
    uint64_t below = 0;
    if (size < 8)
        return 0;
    if (image_looks_like_elf(data, size)) {
        status = image_from_elf(data, size, &image, &evidence);
    } else if (image_looks_like_lime(data, size)) {
        status = image_from_lime(data, size, &image, &evidence);
    } else {
        memcpy(&below, data, sizeof below);
        status = image_from_raw(data, size, below, &image, &evidence);
    }
    FUZZ_CHECK(status == STATUS_OK || evidence.what != NULL);
    if (status != STATUS_OK)
        return 0;
    check_ranges(data, size);
    struct guestmem memory = image_memory(&image);
    for (size_t i = 0; i < image.count && i < 16; i++) {
        read_around(&memory, image.ranges[i].start);
        read_around(&memory, gpa_add(image.ranges[i].start, image.ranges[i].size));
    }
    return 0;
}
