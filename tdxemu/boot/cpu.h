/*
 * The processor's instructions that C has no words for; one wrapper each, nothing else.
 *
 * Source: Intel SDM volume 2; AMD APM volume 3 (VMSAVE, VMLOAD).
 */
#ifndef BOOT_CPU_H
#define BOOT_CPU_H

#include <stdint.h>

#define MSR_VM_HSAVE_PA 0xc0010117U

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

/* Writes `size` (1, 2 or 4) bytes of `value` to the port. */
static inline void io_out(uint16_t port, unsigned size, uint32_t value)
{
    if (size == 1)
        __asm__ volatile("outb %b0, %1" : : "a"(value), "Nd"(port) : "memory");
    else if (size == 2)
        __asm__ volatile("outw %w0, %1" : : "a"(value), "Nd"(port) : "memory");
    else
        __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

/* Reads `size` (1, 2 or 4) bytes from the port, zero-extended. */
static inline uint32_t io_in(uint16_t port, unsigned size)
{
    uint32_t value = 0;
    if (size == 1)
        __asm__ volatile("inb %1, %b0" : "+a"(value) : "Nd"(port) : "memory");
    else if (size == 2)
        __asm__ volatile("inw %1, %w0" : "+a"(value) : "Nd"(port) : "memory");
    else
        __asm__ volatile("inl %1, %0" : "+a"(value) : "Nd"(port) : "memory");
    return value;
}

static inline uint64_t tsc_read(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline struct cpuid cpuid_read(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r;
    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

static inline void xcr0_write(uint64_t value)
{
    __asm__ volatile("xsetbv"
                     :
                     : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline void cr3_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline void idt_load(const void *pointer)
{
    __asm__ volatile("lidt (%0)" : : "r"(pointer) : "memory");
}

/* Lets interrupts that are pending in, then closes the door again. */
static inline void interrupts_drain(void)
{
    __asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

/* Waits for the next interrupt and takes it; none is lost between the test before and the wait. */
static inline void interrupts_wait(void)
{
    __asm__ volatile("sti; hlt; cli" : : : "memory");
}

static inline void svm_vmsave(uint64_t hpa)
{
    __asm__ volatile("vmsave %0" : : "a"(hpa) : "memory");
}

static inline void svm_vmload(uint64_t hpa)
{
    __asm__ volatile("vmload %0" : : "a"(hpa) : "memory");
}

_Noreturn static inline void cpu_stop(void)
{
    for (;;)
        __asm__ volatile("cli; hlt" : : : "memory");
}

#endif
