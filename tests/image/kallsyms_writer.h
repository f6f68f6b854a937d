/*
 * Writes the kernel's compressed symbol table (scripts/kallsyms.c, kernel/kallsyms.c of Linux).
 *
 * The dictionary is a fixed list of common parts of names, then pairs of letters; like the
 * kernel's, a byte that occurs in a name stands for itself, so the digits are their own tokens.
 */
#ifndef IMAGE_KALLSYMS_WRITER_H
#define IMAGE_KALLSYMS_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

struct kallsyms_entry {
    char *name;
    uint64_t address;
    char type;
};

enum kallsyms_scheme {
    KALLSYMS_PERCPU,  /* CONFIG_KALLSYMS_ABSOLUTE_PERCPU: off >= 0 absolute, else base - 1 - off */
    KALLSYMS_RELATIVE /* base + off, off unsigned */
};

enum kallsyms_order {
    KALLSYMS_OFFSETS_FIRST, /* up to Linux 6.3 */
    KALLSYMS_OFFSETS_LAST   /* since 6.4, with seqs_of_names behind */
};

/* The tables as they lie in rodata; offsets of each within `bytes`, all multiples of 8. */
struct kallsyms_image {
    struct buffer bytes;
    size_t names, num_syms, markers, token_table, token_index, offsets, relative_base;
    size_t names_size; /* bytes of encoded names */
};

/*
 * `symbols` in ascending order of address; `base` becomes kallsyms_relative_base. The caller frees
 * tables->bytes.
 */
void kallsyms_write(const struct kallsyms_entry *symbols, size_t count, uint64_t base,
                    enum kallsyms_scheme scheme, enum kallsyms_order order,
                    struct kallsyms_image *tables);

#endif
