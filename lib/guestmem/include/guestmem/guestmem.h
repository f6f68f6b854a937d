/*
 * Guest-physical memory: the interface behind which a RAM file, a dump, the L2 guest of the SVSM
 * and a synthetic image all look the same.
 *
 * Bytes are copied once, into memory of the caller, and only the copy is used: a second read is a
 * second fact, because the guest runs meanwhile.
 */
#ifndef GUESTMEM_GUESTMEM_H
#define GUESTMEM_GUESTMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/status.h"

/* A run of guest RAM. */
struct guestmem_range {
    struct gpa start;
    uint64_t size; /* bytes; start + size does not wrap */
};

struct guestmem {
    /*
     * Copies `length` bytes at `from` to `to`; false, with `to` undefined, when any of them is not
     * backed by RAM. Must accept any address and any length.
     */
    bool (*read)(void *context, struct gpa from, void *to, size_t length);
    /*
     * Hints that `length` bytes at each of these addresses, any addresses, will be read soon. It
     * changes nothing. NULL: not offered.
     */
    void (*prefetch)(void *context, const struct gpa *from, size_t count, size_t length);
    void *context;
    const struct guestmem_range *ranges; /* what is searched: ascending, not overlapping */
    size_t range_count;
    uint64_t end; /* no RAM at or above; may be more than the ranges reach */
};

/* Reads guest RAM; STATUS_OUTSIDE when any byte of the range is not RAM. */
MUST_CHECK enum status guestmem_read(const struct guestmem *memory, struct gpa from, void *to,
                                     size_t length);

#endif
