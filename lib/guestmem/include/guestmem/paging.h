/*
 * The guest kernel's virtual address space: page-table walk (4 and 5 levels, pages of 4 KiB, 2 MiB
 * and 1 GiB) and copies by virtual address.
 *
 * Source of the format: abi/x86_paging.h.
 */
#ifndef GUESTMEM_PAGING_H
#define GUESTMEM_PAGING_H

#include "base/budget.h"
#include "guestmem/guestmem.h"

/* A run of virtual addresses that discovery has found to be mapped linearly. */
struct paging_window {
    struct gva base;
    uint64_t size;    /* bytes; 0: no window */
    struct gpa first; /* where `base` is */
};

enum {
    PAGING_WINDOWS = 2
};

struct address_space {
    const struct guestmem *memory;
    struct gpa root;       /* top-level table, page-aligned */
    unsigned levels;       /* 4 or 5 */
    uint64_t ignored_bits; /* entry bits that are not part of an address (SME's C bit) */
    struct paging_window windows[PAGING_WINDOWS]; /* tried before a walk */
};

struct translation {
    struct gpa address;
    uint64_t page_size; /* of the leaf: 4 KiB, 2 MiB or 1 GiB */
    bool user;          /* every entry on the way allows user access */
    bool writable;      /* every entry allows writes */
    bool executable;    /* no entry forbids execution */
};

/* Walks the tables, never the windows. STATUS_UNMAPPED also for a non-canonical address. */
MUST_CHECK enum status paging_walk(const struct address_space *space, struct gva address,
                                   struct budget *budget, struct translation *translation);

/* A table on the way to an address, and what the entries that lead to it allow. */
struct paging_table {
    struct gpa at;
    bool user, writable, executable;
};

/*
 * The table whose entries translate `address` at `level` (1: pages of 4 KiB .. space->levels: the
 * root itself). STATUS_UNMAPPED when an entry above it is absent or is a leaf.
 */
MUST_CHECK enum status paging_table(const struct address_space *space, struct gva address,
                                    unsigned level, struct budget *budget,
                                    struct paging_table *table);

/* Window or walk. */
MUST_CHECK enum status paging_translate(const struct address_space *space, struct gva address,
                                        struct budget *budget, struct gpa *physical);

/*
 * Copies `length` bytes at `from`, page by page where they are not in a window. On failure `to` is
 * undefined, and nothing else has changed.
 */
MUST_CHECK enum status paging_read(const struct address_space *space, struct budget *budget,
                                   struct gva from, void *to, size_t length);

/* Hints that `length` bytes at each address will be read soon. Only windows are looked at. */
void paging_prefetch(const struct address_space *space, const struct gva *from, size_t count,
                     size_t length);

MUST_CHECK enum status paging_read_u32(const struct address_space *space, struct budget *budget,
                                       struct gva from, uint32_t *value);
MUST_CHECK enum status paging_read_u64(const struct address_space *space, struct budget *budget,
                                       struct gva from, uint64_t *value);
MUST_CHECK enum status paging_read_pointer(const struct address_space *space, struct budget *budget,
                                           struct gva from, struct gva *value);

/*
 * Copies a NUL-terminated string of at most `size` - 1 bytes and terminates it; longer text is
 * STATUS_TRUNCATED. `size` is at least 1.
 */
MUST_CHECK enum status paging_read_text(const struct address_space *space, struct budget *budget,
                                        struct gva from, char *to, size_t size);

#endif
