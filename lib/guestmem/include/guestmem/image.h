/*
 * A memory image in the caller's address space: segments of guest RAM with the bytes behind them.
 *
 * The parsers turn a file's bytes into segments and check every number in it against the file's
 * size; the image then serves guestmem reads from the segments. A RAM file of a running guest
 * changes under the reader; a segment's bytes must stay mapped, nothing more.
 */
#ifndef GUESTMEM_IMAGE_H
#define GUESTMEM_IMAGE_H

#include "guestmem/guestmem.h"

enum {
    IMAGE_SEGMENTS_MAX = 1024
};

struct image {
    struct guestmem_range ranges[IMAGE_SEGMENTS_MAX]; /* ascending, not overlapping */
    const unsigned char *bytes[IMAGE_SEGMENTS_MAX];   /* of the range with the same index */
    size_t count;
    size_t last; /* index that served the last read: a hint, never trusted */
};

/* Memory served from `image`, which must outlive the result and is written by reads (`last`). */
struct guestmem image_memory(struct image *image);

/*
 * Raw RAM file of QEMU (memory-backend-file) of `size` bytes: guest RAM from address 0 up to
 * `below_4g`, the rest from 4 GiB on (qemu hw/i386/pc_q35.c and pc_piix.c, pc_init1).
 * STATUS_TRUNCATED for an empty file, STATUS_MALFORMED when `below_4g` is not a multiple of 4 KiB
 * in (0, 4 GiB].
 */
MUST_CHECK enum status image_from_raw(const unsigned char *bytes, uint64_t size, uint64_t below_4g,
                                      struct image *image, struct evidence *evidence);

/* Whether the bytes begin like an ELF file, and like a LiME dump. */
bool image_looks_like_elf(const unsigned char *bytes, uint64_t size);
bool image_looks_like_lime(const unsigned char *bytes, uint64_t size);

/*
 * ELF64 core whose PT_LOAD segments carry guest-physical addresses in p_paddr, as QEMU's
 * dump-guest-memory writes it (System V gABI, chapters 4 and 5; qemu docs, dump.c).
 */
MUST_CHECK enum status image_from_elf(const unsigned char *bytes, uint64_t size,
                                      struct image *image, struct evidence *evidence);

/* LiME dump, format version 1: ranges of 32-byte headers and their bytes (LiME, doc/README.md). */
MUST_CHECK enum status image_from_lime(const unsigned char *bytes, uint64_t size,
                                       struct image *image, struct evidence *evidence);

#endif
