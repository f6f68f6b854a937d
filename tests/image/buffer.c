#include "buffer.h"

#include <stdlib.h>
#include <string.h>

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}

static void reserve(struct buffer *buffer, size_t length)
{
    if (length <= buffer->room - buffer->size)
        return;
    buffer->room = 2 * (buffer->size + length) + 64;
    buffer->bytes = realloc(buffer->bytes, buffer->room);
    if (buffer->bytes == NULL)
        abort();
}

size_t buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    size_t at = buffer->size;
    reserve(buffer, length);
    if (length > 0)
        memcpy(buffer->bytes + at, bytes, length);
    buffer->size += length;
    return at;
}

size_t buffer_zeros(struct buffer *buffer, size_t length)
{
    size_t at = buffer->size;
    reserve(buffer, length);
    memset(buffer->bytes + at, 0, length);
    buffer->size += length;
    return at;
}

size_t buffer_u8(struct buffer *buffer, unsigned value)
{
    uint8_t v = (uint8_t)value;
    return buffer_append(buffer, &v, sizeof v);
}

size_t buffer_u16(struct buffer *buffer, unsigned value)
{
    uint16_t v = (uint16_t)value;
    return buffer_append(buffer, &v, sizeof v);
}

size_t buffer_u32(struct buffer *buffer, uint32_t value)
{
    return buffer_append(buffer, &value, sizeof value);
}

size_t buffer_u64(struct buffer *buffer, uint64_t value)
{
    return buffer_append(buffer, &value, sizeof value);
}

size_t buffer_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text) + 1);
}

size_t buffer_align(struct buffer *buffer, size_t alignment)
{
    size_t over = buffer->size % alignment;
    if (over != 0)
        (void)buffer_zeros(buffer, alignment - over);
    return buffer->size;
}
