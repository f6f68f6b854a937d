/*
 * Single instructions of the processor, as functions.
 *
 * Source: Intel SDM volume 2. Nothing here exits from the TD but CPUID (answered by the TDX module
 * for the leaves that it virtualises) and accesses to MSRs that the TD's policy does not pass.
 */
#ifndef SVSM_ARCH_CPU_H
#define SVSM_ARCH_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid out;
    __asm__ volatile("cpuid"
                     : "=a"(out.eax), "=b"(out.ebx), "=c"(out.ecx), "=d"(out.edx)
                     : "a"(leaf), "c"(subleaf));
    return out;
}

static inline uint64_t tsc_read(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

/* A random number; the time when the processor has none at hand. */
static inline uint64_t rdrand(void)
{
    uint64_t value;
    bool good;
    __asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(good));
    return good ? value : tsc_read();
}

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline uint64_t cr4_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void cr4_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" ::"r"(value) : "memory");
}

static inline void cr3_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

static inline void xsetbv(uint32_t index, uint64_t value)
{
    __asm__ volatile("xsetbv" ::"c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

/* Lets the interrupts that are pending in, and no others. */
static inline void interrupts_window(void)
{
    __asm__ volatile("sti; nop; cli" ::: "memory");
}

#endif
