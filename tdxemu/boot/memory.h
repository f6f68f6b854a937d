/*
 * tdxemu's address space (VA = HPA up to 2^47), and zeroed memory for its tables.
 */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include <stdint.h>

/* Maps all host-physical addresses below 2^47; boot/reset.S has mapped the first 512 GiB. */
void memory_map_all(void);

/* Tables are taken from [from, to), HPA. */
void memory_give(uint64_t from, uint64_t to);

/* `bytes` of zeroed memory, page-aligned, never given back; the machine is refused when none is
 * left. */
void *memory_take(uint64_t bytes);

static inline void *memory_at(uint64_t hpa)
{
    return (void *)(uintptr_t)hpa;
}

static inline uint64_t memory_hpa(const void *at)
{
    return (uint64_t)(uintptr_t)at;
}

#endif
