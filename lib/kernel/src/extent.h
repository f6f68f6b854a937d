/*
 * The kernel image as one address space maps it: the GiB of the kernel image mapping, seen through
 * the page tables of a CR3, from the system call entry that LSTAR names.
 *
 * What counts are leaves with the same distance between virtual and physical address as the entry
 * has, for supervisor mode. Linux keeps kallsyms, BTF and its banner in read-only data, which is
 * neither writable nor executable once it has booted (arch/x86/mm/init_64.c, mark_rodata_ro); pages
 * of the image that were given back to the page allocator are writable, and so never count.
 */
#ifndef KERNEL_EXTENT_H
#define KERNEL_EXTENT_H

#include "abi/x86_paging.h"
#include "kernel/discover.h"

enum {
    EXTENT_RANGES_MAX = 64
};

struct extent {
    const struct guestmem *memory;
    uint64_t offset;                                 /* physical minus virtual address; wraps */
    struct guestmem_range ranges[EXTENT_RANGES_MAX]; /* read-only data, ascending */
    size_t count;
    uint64_t directory[X86_TABLE_ENTRIES]; /* copies of the tables while they are looked at */
    uint64_t table[X86_TABLE_ENTRIES];
};

/*
 * Fills `extent`, which is undefined on failure. One unit a table; at most 520 in all.
 * STATUS_MISMATCH: LSTAR does not name kernel text that is protected; STATUS_NOT_FOUND: there is
 * no read-only data; STATUS_FULL: it lies in more pieces than there is room for.
 */
MUST_CHECK enum status extent_find(struct extent *extent, const struct guestmem *memory,
                                   const struct kernel_anchor *anchor, struct budget *budget,
                                   struct evidence *evidence);

/* The read-only data alone: reads of anything else fail. `extent` must outlive the result. */
struct guestmem extent_memory(struct extent *extent);

/* Whether the whole range is read-only data. */
bool extent_holds(const struct extent *extent, struct gpa from, uint64_t length);

/* The anchor's address space, without windows. */
struct address_space extent_space(const struct guestmem *memory,
                                  const struct kernel_anchor *anchor);

#endif
