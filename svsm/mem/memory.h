/* Memory of the TD: svsm's own, shared with the host, and L2's. */
#ifndef SVSM_MEM_MEMORY_H
#define SVSM_MEM_MEMORY_H

#include <stddef.h>

#include "base/addr.h"
#include "guestmem/guestmem.h"

/* svsm's own: zeroed, page-aligned, never given back. NULL: none left. */
void *memory_take(uint64_t bytes);

/* 64 KiB that the host can read and write at any time; `at` without the shared bit. */
struct memory_shared {
    unsigned char *bytes;
    struct gpa at;
    size_t size;
};
const struct memory_shared *memory_shared(void);

/* L2's accepted private RAM as svsm sees it; NULL unless all of the range is. */
void *memory_l2(struct gpa at, uint64_t length);

/* L2's RAM, ascending, without what svsm keeps. */
size_t memory_l2_ranges(const struct guestmem_range **ranges);

#endif
