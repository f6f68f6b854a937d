/*
 * Text in a buffer of fixed size: building it, making hostile bytes printable, and sizes as
 * people write and read them.
 *
 * Strings out of guest memory reach a terminal only through text_escape. A backslash stays as it
 * is (cgroup paths are full of them), so a guest can spell an escape; it cannot make a control.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct text {
    char *bytes; /* always NUL-terminated */
    size_t room;
    size_t length;
};

/* An empty text in `room` (at least 1) bytes of the caller. What does not fit is left off. */
struct text text_in(char *bytes, size_t room);

void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds `length` bytes as they are, all or none. */
void text_put(struct text *text, const char *bytes, size_t length);

/*
 * Adds bytes of unknown origin. Well-formed UTF-8 stays, except for control characters (C0, DEL,
 * C1), line separators and marks that turn the writing direction; those, every other byte, and
 * the ASCII characters in `also` become \xNN. A piece that does not fit as a whole ends the text.
 */
void text_escape(struct text *text, const char *bytes, size_t length, const char *also);

/* Bytes that text_escape may need for `length` bytes, with the NUL. */
#define TEXT_ESCAPED_ROOM(length) (4 * (length) + 1)

/* "2G", "3072M", "64K", "0xb0000000" or bytes; positive, powers of 1024, no fraction. */
MUST_CHECK bool text_to_size(const char *text, uint64_t *bytes);

/* Adds "2 GiB", "1536 MiB", "16.50 GiB", "640 KiB", "12 bytes". */
void text_add_size(struct text *text, uint64_t bytes);

#endif
