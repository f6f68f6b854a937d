/*
 * The file that holds the guest's memory, mapped read-only.
 *
 * The file may shrink, or a disk fail, while it is read. The kernel then raises SIGBUS; the
 * handler replaces the whole mapping by zero pages and sets a flag. Readers carry on with zeros,
 * which lead nowhere, and mapping_lost tells why.
 */
#ifndef CLI_MAPPING_H
#define CLI_MAPPING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/status.h"
#include "command.h"

struct mapping {
    const char *path; /* of the caller */
    int file;
    dev_t device;
    ino_t inode;
    uint64_t size;
    const unsigned char *bytes;
};

/* Opens and maps a regular file or block device; complains about anything else. */
MUST_CHECK enum outcome mapping_open(const char *path, struct mapping *mapping);

/* Whether part of the mapped file could not be read. One mapping at a time is watched. */
bool mapping_lost(void);

/* The same, or the file is shorter than it was, though nobody has read there. */
bool mapping_shrunk(const struct mapping *mapping);

/* Complains about a lost mapping: truncated, or unreadable. */
enum outcome mapping_complain(const struct mapping *mapping);

void mapping_close(struct mapping *mapping);

#endif
