#include "track/line.h"

#include "base/bytes.h"

enum {
    GROUPS = 8 /* of an IPv6 address, 16 bits each */
};

static void put(struct line *line, char c)
{
    if (line->length < LINE_SIZE)
        line->text[line->length++] = c;
    else
        line->cut = true;
}

static void put_bytes(struct line *line, const char *bytes, size_t length)
{
    if (length > LINE_SIZE - line->length) {
        line->cut = true;
        length = LINE_SIZE - line->length;
    }
    bytes_copy(line->text + line->length, bytes, length);
    line->length += length;
}

static void put_text(struct line *line, const char *text)
{
    put_bytes(line, text, text_length(text, LINE_SIZE + 1));
}

static void put_number(struct line *line, uint64_t value, unsigned base)
{
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    put_bytes(line, digits + at, sizeof digits - at);
}

static void put_key(struct line *line, const char *key)
{
    put_text(line, line->length == 0 ? "{\"" : ",\"");
    put_text(line, key);
    put_text(line, "\":");
}

void line_begin(struct line *line, const char *action)
{
    line->length = 0;
    line->cut = false;
    line_text(line, "event.action", action);
}

void line_number(struct line *line, const char *key, uint64_t value)
{
    put_key(line, key);
    put_number(line, value, 10);
}

static void put_escaped(struct line *line, unsigned char c)
{
    bool plain = c >= ' ' && c <= '~' && c != '"' && c != '\\';
    if (!plain) {
        put_text(line, "\\u00");
        put(line, "0123456789abcdef"[c >> 4]);
        put(line, "0123456789abcdef"[c & 15]);
        return;
    }
    put(line, (char)c);
}

void line_text(struct line *line, const char *key, const char *text)
{
    put_key(line, key);
    put(line, '"');
    for (; *text != '\0'; text++)
        put_escaped(line, (unsigned char)*text);
    put(line, '"');
}

static void put_v4(struct line *line, const unsigned char *address)
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            put(line, '.');
        put_number(line, address[i], 10);
    }
}

/* The longest run of at least two zero groups, the first of several; GROUPS: there is none. */
static size_t longest_zeros(const unsigned char *address, size_t *length)
{
    size_t best = GROUPS;
    size_t run = 0;
    *length = 1;
    for (size_t i = 0; i < GROUPS; i++) {
        run = load_be16(address + 2 * i) == 0 ? run + 1 : 0;
        if (run > *length) {
            *length = run;
            best = i + 1 - run;
        }
    }
    return best;
}

static void put_v6(struct line *line, const unsigned char *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    size_t zeros;
    size_t start = longest_zeros(address, &zeros);
    if (bytes_equal(address, mapped, sizeof mapped)) {
        put_text(line, "::ffff:");
        put_v4(line, address + sizeof mapped);
        return;
    }
    for (size_t i = 0; i < GROUPS; i++) {
        if (i == start) {
            put_text(line, "::");
            i += zeros - 1;
            continue;
        }
        if (i > 0 && i != start + zeros)
            put(line, ':');
        put_number(line, load_be16(address + 2 * i), 16);
    }
}

void line_endpoint(struct line *line, const char *key, const unsigned char *address,
                   unsigned version, uint16_t port)
{
    put_key(line, key);
    if (version == 4) {
        put(line, '"');
        put_v4(line, address);
    } else {
        put_text(line, "\"[");
        put_v6(line, address);
        put(line, ']');
    }
    put(line, ':');
    put_number(line, port, 10);
    put(line, '"');
}

bool line_end(struct line *line)
{
    put_text(line, "}\n");
    return !line->cut;
}
