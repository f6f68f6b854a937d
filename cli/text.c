#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "base/cursor.h"

struct text text_in(char *bytes, size_t room)
{
    bytes[0] = '\0';
    return (struct text){.bytes = bytes, .room = room};
}

void text_add(struct text *text, const char *format, ...)
{
    size_t left = text->room - text->length;
    va_list arguments;

    va_start(arguments, format);
    int wanted = vsnprintf(text->bytes + text->length, left, format, arguments);
    va_end(arguments);
    if (wanted > 0)
        text->length += (size_t)wanted < left ? (size_t)wanted : left - 1;
}

void text_put(struct text *text, const char *bytes, size_t length)
{
    if (length >= text->room - text->length)
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

/* Shape of a UTF-8 sequence by its first byte: length, and the smallest value it may hold. */
static size_t sequence_length(unsigned char first, uint32_t *smallest, uint32_t *value)
{
    if ((first & 0xe0) == 0xc0) {
        *smallest = 0x80;
        *value = first & 0x1fU;
        return 2;
    }
    if ((first & 0xf0) == 0xe0) {
        *smallest = 0x800;
        *value = first & 0x0fU;
        return 3;
    }
    if ((first & 0xf8) == 0xf0) {
        *smallest = 0x10000;
        *value = first & 0x07U;
        return 4;
    }
    *smallest = 0;
    *value = first;
    return first < 0x80 ? 1 : 0;
}

/* Decodes the character at `bytes`; its length, or 0 when it is not well-formed UTF-8. */
static size_t decode(const unsigned char *bytes, size_t length, uint32_t *character)
{
    uint32_t smallest;
    uint32_t value;
    size_t n = sequence_length(bytes[0], &smallest, &value);

    if (n == 0 || n > length)
        return 0;
    for (size_t i = 1; i < n; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3fU);
    }
    if (value < smallest || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *character = value;
    return n;
}

static bool is_printable(uint32_t character)
{
    if (character < 0x20 || (character >= 0x7f && character < 0xa0))
        return false;
    /* Direction marks and overrides, line and paragraph separators, the byte order mark. */
    return character != 0x061c && character != 0x200e && character != 0x200f &&
           (character < 0x2028 || character > 0x202e) &&
           (character < 0x2066 || character > 0x2069) && character != 0xfeff;
}

static bool stays(const char *bytes, size_t length, const char *also, size_t *taken)
{
    uint32_t character;
    size_t n = decode((const unsigned char *)bytes, length, &character);

    *taken = n == 0 ? 1 : n;
    return n != 0 && is_printable(character) && (n > 1 || strchr(also, bytes[0]) == NULL);
}

void text_escape(struct text *text, const char *bytes, size_t length, const char *also)
{
    size_t taken;

    for (size_t at = 0; at < length; at += taken) {
        bool plain = stays(bytes + at, length - at, also, &taken);
        size_t needed = plain ? taken : 4 * taken;

        if (needed >= text->room - text->length)
            return;
        if (plain) {
            text_put(text, bytes + at, taken);
            continue;
        }
        for (size_t i = 0; i < taken; i++)
            text_add(text, "\\x%02x", (unsigned char)bytes[at + i]);
    }
}

/* Shift of a unit letter; false for any other character. */
static bool unit_shift(char unit, unsigned *shift)
{
    static const char units[] = "KMGT";
    const char *found = memchr(units, unit & ~0x20, sizeof units - 1);

    if (found == NULL)
        return false;
    *shift = 10 * (unsigned)(found - units + 1);
    return true;
}

bool text_to_size(const char *text, uint64_t *bytes)
{
    size_t length = strlen(text);
    unsigned shift = 0;
    unsigned base = 10;
    uint64_t value;

    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
        length -= 2;
    } else if (length > 1 && unit_shift(text[length - 1], &shift)) {
        length--;
    }
    if (!text_to_u64(text, length, base, UINT64_MAX >> shift, &value) || value == 0)
        return false;
    *bytes = value << shift;
    return true;
}

void text_add_size(struct text *text, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    double value = (double)bytes / 1024;

    if (bytes < 1024) {
        text_add(text, "%u bytes", (unsigned)bytes);
        return;
    }
    /* Two sizes that differ should look different: a few GiB and a bit stay in MiB. */
    while (
        unit + 1 < sizeof units / sizeof units[0] &&
        (value >= 10240 || (value >= 1024 && value / 1024 == (double)(uint64_t)(value / 1024)))) {
        value /= 1024;
        unit++;
    }
    text_add(text, value - (double)(uint64_t)value < 0.005 ? "%.0f %s" : "%.2f %s", value,
             units[unit]);
}
