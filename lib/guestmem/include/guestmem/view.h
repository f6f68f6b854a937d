/*
 * A bounded, buffered view of a long table in guest memory (kallsyms names, BTF): sequential
 * reading at the price of one guest read a buffer, without a copy of the whole.
 *
 * Bytes that one call returned are a copy, valid until the next call on the same view.
 */
#ifndef GUESTMEM_VIEW_H
#define GUESTMEM_VIEW_H

#include "guestmem/paging.h"

enum {
    VIEW_BUFFER = 4096
};

struct view {
    const struct address_space *space;
    struct budget *budget;
    struct gva base;
    uint64_t size;  /* bytes that may be read: [0, size) */
    uint64_t start; /* offset of buffer[0] */
    size_t filled;  /* bytes of the buffer that are valid */
    unsigned char buffer[VIEW_BUFFER];
};

/* Makes `view` cover `size` bytes at `base`; nothing is read yet. */
void view_open(struct view *view, const struct address_space *space, struct budget *budget,
               struct gva base, uint64_t size);

/* Borrows `length` (1 .. VIEW_BUFFER) bytes at offset `at`; STATUS_TRUNCATED outside the view. */
MUST_CHECK enum status view_bytes(struct view *view, uint64_t at, size_t length,
                                  const unsigned char **bytes);

#endif
