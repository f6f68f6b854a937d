/*
 * One line of JSON: an object without nesting, built in a buffer of fixed size.
 *
 * What does not fit makes the line cut: line_end then returns false, and the text is no JSON.
 */
#ifndef SVSM_TRACK_LINE_H
#define SVSM_TRACK_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    LINE_SIZE = 2560 /* a flow whose names are all escaped takes 2,300 */
};

struct line {
    char text[LINE_SIZE];
    size_t length;
    bool cut;
};

/* Begins with the member that tells what the line is. Keys and `action` need no escapes. */
void line_begin(struct line *line, const char *action);

void line_number(struct line *line, const char *key, uint64_t value);

/* Text from L2: what is not printable ASCII is escaped, byte by byte. */
void line_text(struct line *line, const char *key, const char *text);

/*
 * An address (4 or 16 bytes, network order) and a port: 10.0.2.15:80, [2001:db8::1]:80. IPv6 as
 * RFC 5952 has it, an IPv4-mapped one with its last part in decimal (section 5 there).
 */
void line_endpoint(struct line *line, const char *key, const unsigned char *address,
                   unsigned version, uint16_t port);

/* Ends the line with a newline. */
MUST_CHECK bool line_end(struct line *line);

#endif
