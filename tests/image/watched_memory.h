/*
 * Guest memory that can change while it is read: a callback runs before the n-th read, and reads
 * are counted. It serves the same bytes as the image otherwise.
 */
#ifndef IMAGE_WATCHED_MEMORY_H
#define IMAGE_WATCHED_MEMORY_H

#include "guest_image.h"

struct watched_memory {
    struct guest_image *image;
    uint64_t reads;       /* done so far */
    uint64_t longest;     /* bytes of the longest read */
    uint64_t refuse_from; /* physical range that fails to read; empty when from == to */
    uint64_t refuse_to;
    /* Called before each read with its ordinal number, from 1; may be NULL. */
    void (*before)(void *context, uint64_t nth, struct gpa from, size_t length);
    void *context;
};

struct guestmem watched_guestmem(struct watched_memory *watched);

#endif
