/*
 * Bytes in memory: little-endian loads and big-endian loads at any alignment, copies, comparisons.
 *
 * lib/ is freestanding. The four memory functions that GCC and clang require of every
 * freestanding program (memcpy, memmove, memset, memcmp) are the only symbols it leaves open.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void bytes_copy(void *to, const void *from, size_t length)
{
    __builtin_memcpy(to, from, length);
}

static inline void bytes_zero(void *to, size_t length)
{
    __builtin_memset(to, 0, length);
}

static inline bool bytes_equal(const void *a, const void *b, size_t length)
{
    return __builtin_memcmp(a, b, length) == 0;
}

static inline uint16_t load_le16(const void *p)
{
    uint16_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static inline uint32_t load_le32(const void *p)
{
    uint32_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static inline uint64_t load_le64(const void *p)
{
    uint64_t v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

static inline uint16_t load_be16(const void *p)
{
    return __builtin_bswap16(load_le16(p));
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "guest and tracker are both x86-64");

/* Length of the string at `p`, at most `limit`, when no NUL comes before it. */
static inline size_t text_length(const char *p, size_t limit)
{
    size_t n = 0;
    while (n < limit && p[n] != '\0')
        n++;
    return n;
}

/* Whether the `length` bytes at `p` spell the NUL-terminated `literal`, no more and no less. */
static inline bool text_is(const char *p, size_t length, const char *literal)
{
    size_t i = 0;
    while (i < length && literal[i] != '\0' && p[i] == literal[i])
        i++;
    return i == length && literal[i] == '\0';
}

#endif
