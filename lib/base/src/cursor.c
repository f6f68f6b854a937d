#include "base/cursor.h"

#include "base/bytes.h"
#include "base/checked.h"

struct cursor cursor_over(const void *bytes, size_t size)
{
    return (struct cursor){.bytes = bytes, .size = size, .at = 0};
}

size_t cursor_left(const struct cursor *cursor)
{
    return cursor->size - cursor->at;
}

bool cursor_seek(struct cursor *cursor, uint64_t at)
{
    if (at > cursor->size)
        return false;
    cursor->at = (size_t)at;
    return true;
}

bool cursor_skip(struct cursor *cursor, uint64_t length)
{
    if (length > cursor_left(cursor))
        return false;
    cursor->at += (size_t)length;
    return true;
}

bool cursor_bytes(struct cursor *cursor, size_t length, const unsigned char **bytes)
{
    const unsigned char *start = cursor->bytes + cursor->at;
    if (!cursor_skip(cursor, length))
        return false;
    *bytes = start;
    return true;
}

bool cursor_le16(struct cursor *cursor, uint16_t *value)
{
    const unsigned char *p;
    if (!cursor_bytes(cursor, sizeof *value, &p))
        return false;
    *value = load_le16(p);
    return true;
}

bool cursor_le32(struct cursor *cursor, uint32_t *value)
{
    const unsigned char *p;
    if (!cursor_bytes(cursor, sizeof *value, &p))
        return false;
    *value = load_le32(p);
    return true;
}

bool cursor_le64(struct cursor *cursor, uint64_t *value)
{
    const unsigned char *p;
    if (!cursor_bytes(cursor, sizeof *value, &p))
        return false;
    *value = load_le64(p);
    return true;
}

bool cursor_text(struct cursor *cursor, char stop, const char **text, size_t *length)
{
    if (cursor_left(cursor) == 0)
        return false;
    const char *start = (const char *)cursor->bytes + cursor->at;
    size_t n = 0;
    while (n < cursor_left(cursor) && start[n] != stop)
        n++;
    cursor->at += n < cursor_left(cursor) ? n + 1 : n;
    *text = start;
    *length = n;
    return true;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 16;
}

bool text_to_u64(const char *text, size_t length, unsigned base, uint64_t maximum, uint64_t *value)
{
    uint64_t sum = 0;
    if (length == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = digit_value(text[i]);
        if (digit >= base || !checked_mul(sum, base, &sum) || !checked_add(sum, digit, &sum))
            return false;
    }
    if (sum > maximum)
        return false;
    *value = sum;
    return true;
}

bool text_to_i64(const char *text, size_t length, int64_t *value)
{
    bool negative = length > 0 && text[0] == '-';
    size_t sign = negative ? 1 : 0;
    uint64_t magnitude;
    if (!text_to_u64(text + sign, length - sign, 10, (uint64_t)INT64_MAX + sign, &magnitude))
        return false;
    *value = (int64_t)(negative ? 0 - magnitude : magnitude);
    return true;
}
