/* Writes memory dumps: ELF64 cores as of QEMU's dump-guest-memory, and LiME files. */
#ifndef IMAGE_DUMP_WRITER_H
#define IMAGE_DUMP_WRITER_H

#include "buffer.h"

/* A run of RAM to put into a dump. */
struct dump_range {
    uint64_t start;
    const unsigned char *bytes;
    uint64_t size;
};

enum {
    DUMP_ELF_HEADER = 64,
    DUMP_ELF_SEGMENT = 56,
    DUMP_LIME_HEADER = 32
};

/* An ELF core: a PT_NOTE without contents first, then a PT_LOAD a range. */
void dump_write_elf(struct buffer *file, const struct dump_range *ranges, unsigned count);

void dump_write_lime(struct buffer *file, const struct dump_range *ranges, unsigned count);

#endif
