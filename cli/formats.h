/* File formats that hold guest memory but not plainly: refused by name, with the way out. */
#ifndef CLI_FORMATS_H
#define CLI_FORMATS_H

#include <stdint.h>

struct format_refused {
    const char *magic;
    unsigned char length;
    const char *what; /* "is ...: what to do" */
};

/* The refused format that the bytes begin with, or NULL. */
const struct format_refused *format_refused(const unsigned char *bytes, uint64_t size);

#endif
