/*
 * kallsyms without a note: its tables found by their shape, in guest-physical memory.
 *
 * token_index holds the 256 ascending 16-bit starts of the tokens; the token table ends right
 * before it, the markers before that (the offset of every 256th name), the names before those,
 * and num_syms before them. Offsets and relative_base stand either before num_syms or, since
 * Linux 6.4, behind token_index. What the markers say of the names confirms all of it.
 *
 * A kernel with fewer than 769 symbols is not found this way.
 *
 * Source of the order: Linux scripts/kallsyms.c, write_src().
 */
#ifndef KERNEL_TOKENS_H
#define KERNEL_TOKENS_H

#include "kallsyms.h"

enum {
    TOKENS_ALIGNMENT = 8
};

/* Whether four starts, as eight bytes, can begin a token index: 0 and then ascending. */
static inline bool tokens_may_begin(uint64_t starts)
{
    uint16_t a = (uint16_t)(starts >> 16);
    uint16_t b = (uint16_t)(starts >> 32);
    uint16_t c = (uint16_t)(starts >> 48);
    return (uint16_t)starts == 0 && a > 1 && b > a + 1 && c > b + 1 && c <= 3 * (UINT8_MAX + 1);
}

/* Whether all 256 starts at `at` ascend, and the tokens '0' to '9' are one character long. */
bool tokens_index_plausible(const struct guestmem *memory, struct gpa at);

/*
 * Finds the tables around a token index. `physical` is an address space whose addresses are
 * guest-physical; `scratch` is a view for this function's use.
 */
MUST_CHECK enum status tokens_find_tables(const struct address_space *physical,
                                          struct budget *budget, struct gva token_index,
                                          struct view *scratch, struct kallsyms_tables *tables,
                                          struct evidence *evidence);

#endif
