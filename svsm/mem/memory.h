/*
 * The TD's memory: what is svsm's, what is L2's, and what of L2's is private at the moment.
 *
 * The map comes from the host and is validated before use (loader/memory_map.h). Everything is
 * accepted at start; L2 gets aliases of all of it but svsm's own. One vCPU: no locks.
 */
#ifndef SVSM_MEM_MEMORY_H
#define SVSM_MEM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "guestmem/guestmem.h"

/* Bytes that svsm and the host both see, and the host may change at any time. */
struct memory_shared {
    unsigned char *bytes;
    struct gpa at;
    size_t size;
};

/* Shares the buffer with the host; before anything is read from fw_cfg. */
void memory_share(void);
const struct memory_shared *memory_shared(void);

/*
 * Takes the TD's RAM: maps and accepts it, sets svsm's pool apart, gives L2 its aliases.
 * `ranges` are ascending, page-aligned, and do not overlap. A TD that is too small ends.
 */
void memory_start(const struct guestmem_range *ranges, size_t count);

/* Room of svsm's own, zeroed, page-aligned, never given back. NULL: none is left. */
void *memory_take(uint64_t bytes);

/* L2's RAM: ascending, without what svsm keeps. */
size_t memory_l2_ranges(const struct guestmem_range **ranges);

/* Where svsm sees `length` bytes of L2's RAM; NULL unless all of it is private and accepted. */
void *memory_l2(struct gpa at, uint64_t length);

/* Whether the range is within one run of L2's RAM, private or not. */
bool memory_is_l2(struct gpa at, uint64_t length);

/* Whether any byte of the range is RAM of the TD, L2's or svsm's. */
bool memory_is_td(struct gpa at, uint64_t length);

/* Notes that whole pages of L2's RAM are the host's from now on. They may be so already. */
void memory_make_shared(struct gpa start, uint64_t size);

/*
 * Accepts a page of L2's RAM (TDX_LEVEL_4K or _2M, aligned) that was shared, and aliases it.
 * Returns the completion status of the leaf that failed, or of the last.
 */
MUST_CHECK uint64_t memory_make_private(struct gpa page, unsigned level);

#endif
