/* Lines out of a stream of bytes. Of a line that is too long, the beginning is handed on. */
#ifndef CLI_RUN_LINES_H
#define CLI_RUN_LINES_H

#include <stddef.h>

enum {
    RUN_LINE_ROOM = 8192
};

struct run_lines {
    void (*line)(void *context, const char *line); /* NUL-terminated, without its end */
    void *context;
    size_t length;
    char bytes[RUN_LINE_ROOM];
};

/* Hands on every line that ends in these bytes. A NUL ends what is seen of its line. */
void run_lines_add(struct run_lines *lines, const char *bytes, size_t length);

/* Hands on what came last, without an end. */
void run_lines_end(struct run_lines *lines);

#endif
