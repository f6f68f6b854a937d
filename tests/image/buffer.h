/*
 * A growing run of bytes for the writers. It aborts when memory runs out: test code has no better
 * answer.
 */
#ifndef IMAGE_BUFFER_H
#define IMAGE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
    unsigned char *bytes; /* NULL while empty */
    size_t size;
    size_t room;
};

void buffer_free(struct buffer *buffer);

/* Append; each returns the offset at which the new bytes begin. */
size_t buffer_append(struct buffer *buffer, const void *bytes, size_t length);
size_t buffer_zeros(struct buffer *buffer, size_t length);
size_t buffer_u8(struct buffer *buffer, unsigned value);
size_t buffer_u16(struct buffer *buffer, unsigned value);
size_t buffer_u32(struct buffer *buffer, uint32_t value);
size_t buffer_u64(struct buffer *buffer, uint64_t value);

/* Text with its terminating NUL. */
size_t buffer_text(struct buffer *buffer, const char *text);

/* Zeros up to the next multiple of `alignment`; returns the size then. */
size_t buffer_align(struct buffer *buffer, size_t alignment);

#endif
