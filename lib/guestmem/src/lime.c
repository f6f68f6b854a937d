/* LiME dumps: 504ensicsLabs/LiME, doc/README.md, "lime format". Ranges are inclusive. */
#include "base/bytes.h"
#include "base/checked.h"
#include "base/cursor.h"
#include "guestmem/image.h"
#include "segments.h"

#define LIME_MAGIC   0x4c694d45U
#define LIME_VERSION 1U

bool image_looks_like_lime(const unsigned char *bytes, uint64_t size)
{
    return size >= sizeof(uint32_t) && load_le32(bytes) == LIME_MAGIC;
}

/* One header and its bytes, at the cursor. */
static enum status add_range(struct cursor *file, struct image *image, struct evidence *evidence)
{
    uint64_t at = file->at;
    uint32_t magic;
    uint32_t version;
    uint64_t first;
    uint64_t last;
    if (!cursor_le32(file, &magic) || !cursor_le32(file, &version) || !cursor_le64(file, &first) ||
        !cursor_le64(file, &last) || !cursor_skip(file, 8))
        return refuse(evidence, STATUS_TRUNCATED, "LiME header", file->at);
    if (magic != LIME_MAGIC || version != LIME_VERSION)
        return refuse(evidence, STATUS_MALFORMED, "LiME header magic or version", at);
    if (last < first || last - first == UINT64_MAX)
        return refuse(evidence, STATUS_MALFORMED, "LiME range", at);
    struct guestmem_range range = {gpa(first), last - first + 1};
    const unsigned char *bytes = file->bytes + file->at;
    if (!cursor_skip(file, range.size))
        return refuse(evidence, STATUS_TRUNCATED, "LiME range ends behind the file", at);
    return segment_add(image, range, bytes, evidence, at);
}

enum status image_from_lime(const unsigned char *bytes, uint64_t size, struct image *image,
                            struct evidence *evidence)
{
    struct cursor file = cursor_over(bytes, (size_t)size);
    struct image found = {.count = 0};
    enum status status = STATUS_OK;
    if (size == 0)
        return refuse(evidence, STATUS_TRUNCATED, "LiME header", 0);
    while (status == STATUS_OK && cursor_left(&file) > 0)
        status = add_range(&file, &found, evidence);
    if (status == STATUS_OK)
        *image = found;
    return status;
}
