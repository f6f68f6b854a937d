/* #VE, #GP and the local APIC's timer. */
#include "abi/ghci.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "td.h"

#define TIMER_VECTOR 0x51

static uint64_t ve_reason, ve_length, ve_gla, ve_gpa;

void interrupt(uint64_t vector, uint64_t *frame);

void interrupt(uint64_t vector, uint64_t *frame)
{
    uint64_t gpr[L2_REGISTERS];
    interrupts[vector & 255]++;
    if (vector == VECTOR_VE) {
        leaf(gpr, TDG_VP_VEINFO_GET, 0, 0, 0, 0);
        ve_reason = gpr[L2_RCX];
        ve_length = gpr[L2_R10];
        ve_gla = gpr[L2_R8];
        ve_gpa = gpr[L2_R9];
        frame[0] += ve_reason == VMX_EXIT_EPT_VIOLATION ? 2 : ve_length;
    } else if (vector == VECTOR_GP || vector == VECTOR_UD) {
        frame[0] += 2;
    } else if (vector >= 32) {
        __asm__ volatile("wrmsr" : : "a"(0), "d"(0), "c"(X2APIC_MSR(APIC_EOI)));
    }
}

static void rdmsr(uint32_t msr)
{
    __asm__ volatile("rdmsr" : : "c"(msr) : "rax", "rdx");
}

static void ve_of_instructions(void)
{
    __asm__ volatile("hlt");
    check("ve hlt", ve_reason, VMX_EXIT_HLT);
    check("ve hlt length", ve_length, 1);
    __asm__ volatile("cpuid" : : "a"(0x40000000) : "rbx", "rcx", "rdx");
    check("ve cpuid", ve_reason, VMX_EXIT_CPUID);
    __asm__ volatile("inb $0x60, %%al" : : : "rax");
    check("ve io", ve_reason, VMX_EXIT_IO);
    check("ve io length", ve_length, 2);
    rdmsr(0x1b);
    check("ve rdmsr", ve_reason, VMX_EXIT_RDMSR);
    check("ve count", interrupts[VECTOR_VE], 4);
    rdmsr(0x480);
    rdmsr(0x10a);
    check("no gp", interrupts[VECTOR_GP], 0);
    rdmsr(0x8ff);
    check("gp", interrupts[VECTOR_GP], 1);
    __asm__ volatile("ud2");
    check("ud", interrupts[VECTOR_UD], 1);
}

static void ve_of_memory(void)
{
    volatile uint32_t *mmio = (volatile uint32_t *)(SHARED_AT + 0xfec00000);
    __asm__ volatile("movl (%0), %%eax" : : "r"(mmio) : "rax");
    check("ve mmio", ve_reason, VMX_EXIT_EPT_VIOLATION);
    check("ve mmio gla", ve_gla, SHARED_AT + 0xfec00000);
    check("ve mmio gpa", ve_gpa, 0xfec00000 | 1ULL << 47);
}

static void leaf_21(void)
{
    uint32_t a = 0x21;
    uint32_t b, d;
    uint32_t c = 0;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    check("IntelTDX", (uint64_t)b << 32 | d, 0x65746e495844546cULL);
}

void test_ve(void)
{
    ve_of_instructions();
    ve_of_memory();
    leaf_21();
}

static uint64_t rdtsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

void test_timer(void)
{
    uint64_t gpr[L2_REGISTERS];
    check("lvt",
          vmcall(gpr, GHCI_WRMSR, X2APIC_MSR(APIC_LVT_TIMER), APIC_TIMER_DEADLINE | TIMER_VECTOR, 0,
                 0),
          0);
    uint64_t deadline = rdtsc() + 3000000;
    check("deadline", vmcall(gpr, GHCI_WRMSR, MSR_TSC_DEADLINE, deadline, 0, 0), 0);
    check("hlt", vmcall(gpr, GHCI_HLT, 0, 0, 0, 0), 0);
    check("slept", rdtsc() >= deadline, 1);
    __asm__ volatile("sti; nop; nop; cli");
    check("timer", interrupts[TIMER_VECTOR], 1);
    check("deadline busy", vmcall(gpr, GHCI_WRMSR, MSR_TSC_DEADLINE, rdtsc() + 3000000, 0, 0), 0);
    __asm__ volatile("sti");
    while (interrupts[TIMER_VECTOR] < 2)
        __asm__ volatile("pause");
    __asm__ volatile("cli");
    check("timer twice", interrupts[TIMER_VECTOR], 2);
    __asm__ volatile("wrmsr" : : "a"(0x61), "d"(0), "c"(X2APIC_MSR(APIC_SELF_IPI)));
    __asm__ volatile("sti; nop; nop; cli");
    check("self ipi", interrupts[0x61], 1);
}
