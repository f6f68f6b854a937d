/*
 * Memory of the machine that QEMU emulates, for a TD of a given size. tdxemu divides it up:
 *
 *   below 4 GiB   2 GiB: the TD's shared pages below 2016 MiB stand at their own addresses, tdxemu
 *                 itself in the last 32 MiB
 *   above 4 GiB   the TD's shared pages above 4 GiB, at their own addresses; then a private page
 *                 for each page of the TD, svsm's image, nested page tables and page states
 */
#ifndef CLI_RUN_MEMORY_H
#define CLI_RUN_MEMORY_H

#include "run_bzimage.h"

/* MiB of the machine for a TD of `td` MiB. */
static inline uint64_t run_memory_machine(uint64_t td)
{
    const uint64_t low_max = 2016;
    uint64_t high = td > low_max ? td - low_max : 0;

    uint64_t machine = 2048 + high + td + 96 + (td + 63) / 64;

    return machine > 2816 ? machine : 2816; /* a smaller q35 keeps all its RAM below 4 GiB */
}

/*
 * Whether kernel and initrd can be loaded below 2 GiB at all. svsm, which places them, may still
 * refuse: this only spares a start that cannot succeed.
 */
MUST_CHECK static inline bool run_memory_fits(uint64_t td, const struct bzimage *kernel,
                                              uint64_t initrd)
{
    uint64_t low = (td > 2016 ? 2016 : td) << 20;

    return kernel->load_address <= low && kernel->init_size <= low - kernel->load_address &&
           initrd <= low - kernel->load_address - kernel->init_size;
}

#endif
