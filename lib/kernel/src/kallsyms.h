/*
 * kallsyms: the kernel's own table of symbols.
 *
 * Names are compressed: a length (one byte, or two when bit 7 of the first is set, since Linux
 * 6.1) and that many token numbers; the first character of the expanded text is the symbol's type.
 * An address is an offset from relative_base: with CONFIG_KALLSYMS_ABSOLUTE_PERCPU an offset that
 * is not negative is an absolute value, a negative one counts down from relative_base - 1; else
 * every offset counts up from it. An image is smaller than 2 GiB, so the sign of one text symbol's
 * offset tells which of the two this kernel uses.
 *
 * Source: Linux kernel/kallsyms.c (kallsyms_expand_symbol, kallsyms_sym_address),
 * scripts/kallsyms.c (write_src).
 */
#ifndef KERNEL_KALLSYMS_H
#define KERNEL_KALLSYMS_H

#include "guestmem/view.h"
#include "kernel/layout.h"

enum {
    KALLSYMS_TOKENS = 256,
    KALLSYMS_TOKEN_TABLE_MAX = 8192,
    KALLSYMS_COUNT_MAX = 1 << 21,
    KALLSYMS_NAMES_MAX = 1 << 25,
    KALLSYMS_ENTRY_MAX = 1024, /* tokens; KSYM_NAME_LEN is 512 characters */
    KALLSYMS_WANTED_MAX = 32
};

/* Where the tables are, in the address space that they are read through. */
struct kallsyms_tables {
    struct gva names, num_syms, token_table, token_index, offsets, relative_base;
};

struct kallsyms {
    struct kallsyms_tables tables;
    uint32_t count;
    uint64_t relative_base;
    uint16_t starts[KALLSYMS_TOKENS];
    uint8_t lengths[KALLSYMS_TOKENS];
    char tokens[KALLSYMS_TOKEN_TABLE_MAX];
    struct view names;
};

/* A symbol to look up, and where its address goes. */
struct kallsyms_wanted {
    const char *name;
    size_t field; /* offset of a struct gva in struct kernel_symbols */
    bool required;
};

/* Copies the token tables and the count, all checked. `kallsyms` is undefined on failure. */
MUST_CHECK enum status kallsyms_open(struct kallsyms *kallsyms, const struct address_space *space,
                                     struct budget *budget, const struct kallsyms_tables *tables,
                                     struct evidence *evidence);

/*
 * Looks up `count` symbols (at most KALLSYMS_WANTED_MAX) in one pass over the names; the first
 * wanted one must be a text symbol: it decides how offsets are read. Of a name that occurs
 * several times the first counts. STATUS_NOT_FOUND when a required one is missing.
 */
MUST_CHECK enum status kallsyms_find(struct kallsyms *kallsyms,
                                     const struct kallsyms_wanted *wanted, size_t count,
                                     struct kernel_symbols *symbols, struct evidence *evidence);

/* The entry at offset `at` of the names: its tokens, borrowed from the view, and where the next is.
 */
MUST_CHECK enum status kallsyms_entry(struct view *names, uint64_t at, const unsigned char **tokens,
                                      size_t *count, uint64_t *next);

#endif
