/*
 * The setup header of a Linux kernel image for x86 (Linux Documentation/arch/x86/boot.rst).
 *
 * The image is the host's choice: what is used later is what passed here.
 */
#ifndef SVSM_LOADER_BZIMAGE_H
#define SVSM_LOADER_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    BZIMAGE_HEADER = 0x1f1,      /* where the setup header begins, here and in the zero page */
    BZIMAGE_HEADER_END = 0x290,  /* where the zero page's room for it ends */
    BZIMAGE_SETUP = 1024,        /* bytes of the real-mode part that are looked at */
    BZIMAGE_ENTRY_64 = 0x200,    /* of the protected-mode part */
    BZIMAGE_LOW_END = 0x1000000, /* a kernel that is moved goes above the first 16 MiB */
    BZIMAGE_ALIGNMENT_MAX = 1 << 30
};

struct bzimage {
    size_t header_end; /* in the setup part: BZIMAGE_HEADER .. BZIMAGE_HEADER_END */
    bool relocatable;
    uint64_t alignment;     /* of the load address, when relocatable; a power of two, whole pages */
    uint64_t pref_address;  /* of the protected-mode part; page-aligned, 1 MiB .. 4 GiB */
    uint64_t room;          /* bytes that it needs there until it has set up its own memory */
    uint64_t initrd_last;   /* highest address that the initrd may use */
    uint32_t cmdline_bytes; /* longest command line, without its NUL */
};

/*
 * Checks `size` bytes at the start of the real-mode part; `kernel_size` is that of the rest of the
 * file. STATUS_TRUNCATED when the file ends early, STATUS_MALFORMED for what is no bzImage,
 * STATUS_UNSUPPORTED for one without a 64-bit entry or with a protocol before 2.12.
 */
MUST_CHECK enum status bzimage_parse(const unsigned char *setup, size_t size, uint64_t kernel_size,
                                     struct bzimage *image, struct evidence *evidence);

#endif
