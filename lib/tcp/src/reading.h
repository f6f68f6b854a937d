/* The sums of one namespace's counters while they are being read. */
#ifndef TCP_READING_H
#define TCP_READING_H

#include "tcp/counters.h"

enum {
    RAW_PROTOCOLS = 2 /* IPv4 and IPv6 */
};

struct reading {
    const struct kernel_layout *layout;
    struct budget *budget;
    struct gva net;
    struct gva mibs[KERNEL_MIBS]; /* per-CPU pointers; 0: not to be read */
    struct gva inuse;             /* the same, of struct prot_inuse */
    uint32_t raw[RAW_PROTOCOLS];  /* indices in it */
    struct counters sums;
};

static inline enum status reading_copy(const struct reading *reading, struct gva at, void *to,
                                       size_t length)
{
    return paging_read(&reading->layout->space, reading->budget, at, to, length);
}

static inline void reading_set(struct reading *reading, enum kernel_counter counter, uint64_t value)
{
    reading->sums.known |= 1ULL << counter;
    reading->sums.value[counter] = value;
}

static inline void reading_forget(struct reading *reading, enum kernel_counter counter)
{
    reading->sums.known &= ~(1ULL << counter);
    reading->sums.value[counter] = 0;
}

/* A mib takes part if `pointer`, per-CPU, is not NULL: those of its counters that there are. */
void mibs_take_part(struct reading *reading, enum kernel_mib mib, struct gva pointer);
void mibs_leave_out(struct reading *reading, enum kernel_mib mib);

/* All mibs of the namespace take part. STATUS_UNSUPPORTED: where struct tcp_mib is is not known. */
MUST_CHECK enum status mibs_find(struct reading *reading);

/* Adds what the CPU with this offset has counted. */
MUST_CHECK enum status mibs_add(struct reading *reading, enum kernel_mib mib, uint64_t offset);

/* Reads the levels that are no sums, and finds those that are. Fails with STATUS_BUDGET only. */
MUST_CHECK enum status levels_find(struct reading *reading);
MUST_CHECK enum status levels_add(struct reading *reading, uint64_t offset);
void levels_leave_out(struct reading *reading);

/* A sum of levels is no larger than an int, though one CPU may count below zero. */
void levels_check(struct reading *reading);

#endif
