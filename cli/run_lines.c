#include "run_lines.h"

static void hand_on(struct run_lines *lines)
{
    lines->bytes[lines->length] = '\0';
    lines->length = 0;
    lines->line(lines->context, lines->bytes);
}

void run_lines_add(struct run_lines *lines, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n')
            hand_on(lines);
        else if (lines->length < RUN_LINE_ROOM - 1)
            lines->bytes[lines->length++] = bytes[i];
    }
}

void run_lines_end(struct run_lines *lines)
{
    if (lines->length > 0)
        hand_on(lines);
}
