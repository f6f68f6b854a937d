/*
 * The machine under tdxemu, and the TD that it is asked to hold.
 *
 * Host-physical layout, for a TD of M bytes, of which `low` lie below 4 GiB and `high` from 4 GiB
 * on: shared pages have HPA = GPA; [hpa_pool, hpa_pool_end) is for private pages, image pages and
 * tables; tdxemu itself is at the end of the lower 2 GiB. The q35 machine has 2 GiB of RAM below
 * 4 GiB and the rest above as soon as it has 2.75 GiB.
 */
#ifndef HOST_MACHINE_H
#define HOST_MACHINE_H

#include <stdint.h>

#define MACHINE_RAM_BELOW 0x80000000ULL /* end of the machine's RAM below 4 GiB */
#define MACHINE_4G        0x100000000ULL

struct machine {
    uint64_t td_memory; /* bytes, low + high, multiple of 1 MiB */
    uint64_t low;       /* the TD's RAM is [0, low) ... */
    uint64_t high;      /* ... and [4 GiB, 4 GiB + high) */
    uint64_t hpa_pool;  /* HPA, 2 MiB aligned */
    uint64_t hpa_pool_end;
    unsigned char mrconfigid[48]; /* zero when none was given */
};

/*
 * Reads from the machine's fw_cfg what it has and what the TD shall be. A machine that cannot hold
 * the TD, or that was told nonsense, is refused (boot/print.h): then it does not return.
 */
void machine_read(struct machine *machine);

#endif
