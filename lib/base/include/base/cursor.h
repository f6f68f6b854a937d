/*
 * Bounded cursor: the one way in which lib/ parses bytes that it did not write.
 *
 * The cursor borrows its bytes. A read that does not fit fails and moves nothing, so the position
 * after a failure names the place that was refused.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct cursor {
    const unsigned char *bytes;
    size_t size;
    size_t at; /* 0 .. size */
};

/* A cursor at the start of `size` bytes, which must outlive it. */
struct cursor cursor_over(const void *bytes, size_t size);

/* Bytes not yet read. */
size_t cursor_left(const struct cursor *cursor);

/* Moves to the absolute offset `at`; false when that lies behind the end. */
MUST_CHECK bool cursor_seek(struct cursor *cursor, uint64_t at);

/* Skips `length` bytes. */
MUST_CHECK bool cursor_skip(struct cursor *cursor, uint64_t length);

/* Borrows the next `length` bytes. */
MUST_CHECK bool cursor_bytes(struct cursor *cursor, size_t length, const unsigned char **bytes);

MUST_CHECK bool cursor_le16(struct cursor *cursor, uint16_t *value);
MUST_CHECK bool cursor_le32(struct cursor *cursor, uint32_t *value);
MUST_CHECK bool cursor_le64(struct cursor *cursor, uint64_t *value);

/* Borrows the text up to the next `stop` byte and moves behind it; at the end the rest is the text.
 */
MUST_CHECK bool cursor_text(struct cursor *cursor, char stop, const char **text, size_t *length);

/*
 * Numbers as text: the whole of `text` must be digits of the base (2 to 16, no prefix), the value
 * must be at most `maximum`.
 */
MUST_CHECK bool text_to_u64(const char *text, size_t length, unsigned base, uint64_t maximum,
                            uint64_t *value);

/* The same in decimal with an optional minus sign; the value must fit in an int64_t. */
MUST_CHECK bool text_to_i64(const char *text, size_t length, int64_t *value);

#endif
