/*
 * What of a bzImage's header decides whether it can be booted here.
 *
 * Source: Linux, Documentation/arch/x86/boot.rst. svsm looks again at the copy that it measured;
 * this is for a message before anything is started.
 */
#ifndef CLI_RUN_BZIMAGE_H
#define CLI_RUN_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    BZIMAGE_HEAD = 0x264, /* bytes of the file that the header ends in */
    BZIMAGE_MAGIC = 6     /* bytes of the payload that tell its kind */
};

struct bzimage {
    uint64_t payload;      /* file offset of the compressed kernel */
    uint64_t load_address; /* where it prefers to run */
    uint64_t init_size;    /* bytes it needs from there on until it has a memory map */
};

/*
 * Reads the header in the first `size` bytes of a file of `file_size`. STATUS_MALFORMED: no
 * bzImage; STATUS_UNSUPPORTED: one that cannot be started here; STATUS_TRUNCATED: its end is
 * missing. The evidence's `what` is then a sentence for a person.
 */
MUST_CHECK enum status bzimage_parse(const unsigned char *head, size_t size, uint64_t file_size,
                                     struct bzimage *image, struct evidence *evidence);

/* Whether the payload begins like one of the formats that kernels are compressed with. */
MUST_CHECK bool bzimage_is_payload(const unsigned char magic[BZIMAGE_MAGIC]);

#endif
