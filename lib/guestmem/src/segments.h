/* Adding a segment to an image: the checks that every file format shares. */
#ifndef GUESTMEM_SEGMENTS_H
#define GUESTMEM_SEGMENTS_H

#include "guestmem/image.h"

/*
 * Puts `size` bytes of RAM at `start` in its place in ascending order. An empty segment is
 * skipped; one that wraps or overlaps another is STATUS_MALFORMED; `at` is for the evidence.
 */
MUST_CHECK enum status segment_add(struct image *image, struct guestmem_range range,
                                   const unsigned char *bytes, struct evidence *evidence,
                                   uint64_t at);

#endif
