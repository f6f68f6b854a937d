/* TDG.VP.ENTER: a small L2 with the page tables of L1. */
#include "abi/ghci.h"
#include "abi/tdx_enter.h"
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "td.h"

#define VM1          (1ULL << TDX_ENTER_VM_SHIFT)
#define TEMPMEM      0x800000ULL
#define TEMPMEM_SIZE 0x80000ULL
#define RWX          ((uint64_t)(TDX_ATTR_VALID | TDX_ATTR_R | TDX_ATTR_W | TDX_ATTR_XS | TDX_ATTR_XU) << 16)
#define ATTR_ALL     (0x7fffULL << 16)
#define NOT_ALIASED  0x1400000ULL
#define PENDING      0x1800000ULL
#define TIMER_VECTOR 0x51
#define LONGEST      (1ULL << 33) /* TSC cycles: seconds */
#define SHARED_MMIO  0xfec00000ULL

extern char l2_instructions[], l2_spin[], l2_touch[], l2_msrs[], l2_open[], pml4[];
extern volatile uint64_t l2_count;

static struct l2_enter_guest_state state;
static unsigned char vapic[4096] __attribute__((aligned(4096)));
static unsigned char l2_stack[4096] __attribute__((aligned(4096)));

struct idtr {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static uint64_t wr(uint64_t field, uint64_t value, uint64_t mask)
{
    uint64_t gpr[L2_REGISTERS];
    return leaf(gpr, TDG_VP_WR, 0, field, value, mask);
}

static uint64_t rd(uint64_t field)
{
    uint64_t gpr[L2_REGISTERS];
    leaf(gpr, TDG_VP_RD, 0, field, 0, 0);
    return gpr[L2_R8];
}

static void vmcs(uint32_t encoding, uint64_t value)
{
    if (wr(TDVPS_L2_VMCS(1, encoding), value, ~0ULL) != TDX_SUCCESS)
        check("vp.wr", encoding, 0);
}

static uint64_t enter(uint64_t gpr[L2_REGISTERS])
{
    return leaf(gpr, TDG_VP_ENTER, VM1, (uint64_t)(uintptr_t)&state, 0, 0);
}

static uint64_t rdtsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static void refusals(uint64_t gpr[L2_REGISTERS])
{
    check("enter rdx", leaf(gpr, TDG_VP_ENTER, VM1, 8, 0, 0), TDX_OPERAND_INVALID | 2);
    check("enter rdx first", leaf(gpr, TDG_VP_ENTER, 0, 8, 0, 0), TDX_OPERAND_INVALID | 2);
    check("enter rcx", leaf(gpr, TDG_VP_ENTER, 2 * VM1, 0x800000, 0, 0), TDX_OPERAND_INVALID | 1);
    check("enter vapic", leaf(gpr, TDG_VP_ENTER, VM1, 0x800000, 0, 0),
          TDX_OPERAND_INVALID | TDX_OPERAND_L2_VAPIC_GPA);
}

static void set_up(uint64_t gpr[L2_REGISTERS])
{
    struct idtr idtr, gdtr;
    __asm__ volatile("sidt %0" : "=m"(idtr));
    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    for (uint64_t at = TEMPMEM; at < TEMPMEM + TEMPMEM_SIZE; at += 4096)
        if (leaf(gpr, TDG_MEM_PAGE_ATTR_WR, at, RWX, ATTR_ALL, 0) != TDX_SUCCESS)
            check("attr.wr", at, 0);
    check("alias of the image", leaf(gpr, TDG_MEM_PAGE_ATTR_WR, 0xfffff000, RWX, ATTR_ALL, 0), 0);
    check("l2_ctls", wr(TDVPS_L2_CTLS(1), TDX_L2_CTLS_SHARED_EPTP, 7), 0);
    vmcs(VMCS_VIRTUAL_APIC, (uint64_t)(uintptr_t)vapic);
    vmcs(VMCS_GUEST_CR0, X86_CR0_PG | X86_CR0_NE | X86_CR0_ET | X86_CR0_PE);
    vmcs(VMCS_GUEST_CR3, (uint64_t)(uintptr_t)pml4);
    vmcs(VMCS_GUEST_CR4, X86_CR4_PAE | X86_CR4_MCE | X86_CR4_VMXE | X86_CR4_OSXSAVE);
    vmcs(VMCS_GUEST_EFER, 0xd01);
    vmcs(VMCS_CR4_MASK, X86_CR4_MCE | X86_CR4_VMXE);
    vmcs(VMCS_CR4_SHADOW, 0);
    vmcs(VMCS_CR0_MASK, X86_CR0_NE);
    vmcs(VMCS_CR0_SHADOW, 0);
    vmcs(VMCS_GUEST_CS_SELECTOR, 0x18);
    vmcs(VMCS_GUEST_ES_RIGHTS + 2, 0xa09b);
    vmcs(VMCS_GUEST_SS_SELECTOR, 0x10);
    vmcs(VMCS_GUEST_GDTR_BASE, gdtr.base);
    vmcs(VMCS_GUEST_IDTR_BASE, idtr.base);
    vmcs(VMCS_GUEST_IDTR_LIMIT, idtr.limit);
    state.rflags = X86_RFLAGS_FIXED;
    state.gpr[L2_RSP] = (uint64_t)(uintptr_t)l2_stack + sizeof l2_stack;
}

static void step(uint64_t gpr[L2_REGISTERS], const char *name, uint64_t reason, uint64_t length)
{
    check(name, enter(gpr), reason);
    check(" length", gpr[L2_R11] >> 32, length);
    state.rip += length;
}

static void instructions(uint64_t gpr[L2_REGISTERS])
{
    state.rip = (uint64_t)(uintptr_t)l2_instructions;
    check("invalid state", enter(gpr), VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_INVALID_STATE);
    check("ia-32e", wr(TDVPS_L2_VMCS(1, VMCS_ENTRY_CONTROLS), VMX_ENTRY_IA32E, VMX_ENTRY_IA32E), 0);
    step(gpr, "l2 cpuid", VMX_EXIT_CPUID, 2);
    check(" rax", state.gpr[L2_RAX], 0x1234);
    check(" rcx", state.gpr[L2_RCX], 0x5678);
    check(" cs", gpr[L2_RSI], 0xffffffffa09b0018);
    step(gpr, "l2 hlt", VMX_EXIT_HLT, 1);
    step(gpr, "l2 out", VMX_EXIT_IO, 2);
    check(" qualification", gpr[L2_RCX] & ~0x40ULL, 0x800000);
    step(gpr, "l2 tdcall", VMX_EXIT_TDCALL, 4);
    check(" cpl", gpr[L2_R12], 0);
    step(gpr, "l2 wbinvd", VMX_EXIT_WBINVD, 2);
    step(gpr, "l2 xsetbv", VMX_EXIT_XSETBV, 3);
    check(" cr4", rd(TDVPS_L2_VMCS(1, VMCS_GUEST_CR4)),
          X86_CR4_PAE | X86_CR4_MCE | X86_CR4_VMXE | X86_CR4_OSXSAVE);
    step(gpr, "l2 rdmsr", VMX_EXIT_RDMSR, 2);
    step(gpr, "l2 vmcall", VMX_EXIT_VMCALL, 3);
    step(gpr, "l2 cr0, hlt", VMX_EXIT_HLT, 1);
    check(" cr0 as l2 sees it", state.gpr[L2_RAX], X86_CR0_PG | X86_CR0_ET | X86_CR0_PE);
    check(" efer.lma", rd(TDVPS_L2_VMCS(1, VMCS_GUEST_EFER)), 0xd01);
    check(" exit reason field", rd(TDVPS_L2_VMCS(1, 0x4402)), VMX_EXIT_HLT);
}

static void deadlines(uint64_t gpr[L2_REGISTERS])
{
    state.rip = (uint64_t)(uintptr_t)l2_spin;
    wr(TDVPS_TSC_DEADLINE(1), 1, ~0ULL);
    check("past deadline", enter(gpr), VMX_EXIT_PREEMPTION_TIMER);
    check(" not one instruction", l2_count, 0);
    /* A slow host may be late for a near deadline: then once more with a later one. */
    for (uint64_t cycles = 2000000; l2_count == 0 && cycles < LONGEST; cycles *= 2) {
        uint64_t deadline = rdtsc() + cycles;
        wr(TDVPS_TSC_DEADLINE(1), deadline, ~0ULL);
        check("deadline exit", enter(gpr), VMX_EXIT_PREEMPTION_TIMER);
        check(" not early", rdtsc() >= deadline, 1);
    }
    check(" ran", l2_count > 0, 1);
    wr(TDVPS_TSC_DEADLINE(1), TDX_NO_DEADLINE, ~0ULL);
}

static void touch(uint64_t gpr[L2_REGISTERS], uint64_t at, const char *name, uint64_t expected)
{
    state.rip = (uint64_t)(uintptr_t)l2_touch;
    state.gpr[L2_RDI] = at;
    state.gpr[L2_RSI] = 0x77;
    check(name, enter(gpr), expected);
}

static void violations(uint64_t gpr[L2_REGISTERS])
{
    touch(gpr, NOT_ALIASED, "no alias", VMX_EXIT_EPT_VIOLATION);
    check(" gpa", gpr[L2_R8], NOT_ALIASED + 8);
    check(" gla", gpr[L2_RDX], NOT_ALIASED + 8);
    check(" qualification", gpr[L2_RCX],
          EPT_VIOLATION_WRITE | EPT_VIOLATION_GLA_VALID | EPT_VIOLATION_FINAL);
    check(" extended", gpr[L2_R13], 0);
    touch(gpr, PENDING, "pending", VMX_EXIT_EPT_VIOLATION);
    check(" extended", gpr[L2_R13], TDX_EXT_QUAL_PENDING_PAGE);
    touch(gpr, SHARED_AT + SHARED_MMIO, "shared mmio",
          TDX_L2_EXIT_HOST_ROUTED_ASYNC | VMX_EXIT_EPT_VIOLATION);
    check(" gpa", gpr[L2_R8], (SHARED_MMIO | 1ULL << 47) + 8);
    leaf(gpr, TDG_MEM_PAGE_ATTR_WR, NOT_ALIASED, (uint64_t)(TDX_ATTR_VALID | TDX_ATTR_R) << 16,
         ATTR_ALL, 0);
    touch(gpr, NOT_ALIASED, "read-only", VMX_EXIT_EPT_VIOLATION);
    check(" qualification", gpr[L2_RCX] & 0x3f, EPT_VIOLATION_WRITE | 1 << 3);
    leaf(gpr, TDG_MEM_PAGE_ATTR_WR, NOT_ALIASED, RWX, ATTR_ALL, 0);
    touch(gpr, NOT_ALIASED, "read and write", VMX_EXIT_HLT);
    check(" value", state.gpr[L2_RAX], 0x77);
}

static void injections(uint64_t gpr[L2_REGISTERS])
{
    uint64_t word = rd(TDVPS_L2_MSR_BITMAP(1, 256 + 0x800 / 64));
    wr(TDVPS_L2_MSR_BITMAP(1, 256 + 0x800 / 64), word & ~(1ULL << 0xb), ~0ULL);
    vmcs(VMCS_ENTRY_INTERRUPTION_INFO, VMX_EVENT_VALID | 0x61);
    state.rip = (uint64_t)(uintptr_t)l2_touch + 8;
    check("interrupt without IF", enter(gpr), VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_INVALID_STATE);
    state.rflags |= X86_RFLAGS_IF;
    interrupts[0x61] = 0;
    check("l2 injected", enter(gpr), VMX_EXIT_HLT);
    check(" came in", interrupts[0x61], 1);
    check(" information used", rd(TDVPS_L2_VMCS(1, VMCS_ENTRY_INTERRUPTION_INFO)), 0x61);
    state.rflags &= ~X86_RFLAGS_IF;
    state.rip = (uint64_t)(uintptr_t)l2_open;
    state.rvi = 0x62;
    *(volatile uint32_t *)(void *)&vapic[APIC_IRR + 0x62U / 32 * 16] = 1U << 0x62 % 32;
    interrupts[0x62] = 0;
    check("l2 virtual interrupt", enter(gpr), VMX_EXIT_HLT);
    check(" came in", interrupts[0x62], 1);
    check(" rvi", state.rvi, 0);
    check(" svi after eoi", state.svi, 0);
    state.rflags &= ~X86_RFLAGS_IF;
    state.rip = (uint64_t)(uintptr_t)l2_open;
    wr(TDVPS_L2_VMCS(1, VMCS_PROC_CONTROLS), VMX_PROC_INTERRUPT_WINDOW, VMX_PROC_INTERRUPT_WINDOW);
    check("window", enter(gpr), VMX_EXIT_INTERRUPT_WINDOW);
    check(" after sti", state.rip, (uint64_t)(uintptr_t)l2_open + 2);
    wr(TDVPS_L2_VMCS(1, VMCS_PROC_CONTROLS), 0, VMX_PROC_INTERRUPT_WINDOW);
    state.rflags &= ~X86_RFLAGS_IF;
}

/* L1's timer while L2 runs; once more with a later one when it came before L2 did. */
static uint64_t enter_until_timer(uint64_t gpr[L2_REGISTERS])
{
    uint64_t status = TDX_PENDING_INTERRUPT;
    state.rip = (uint64_t)(uintptr_t)l2_spin;
    for (uint64_t cycles = 2000000; status == TDX_PENDING_INTERRUPT && cycles < LONGEST;
         cycles *= 2) {
        __asm__ volatile("sti; nop; nop; cli");
        vmcall(gpr, GHCI_WRMSR, MSR_TSC_DEADLINE, rdtsc() + cycles, 0, 0);
        status = enter(gpr);
    }
    return status;
}

static void interrupts_for_l1(uint64_t gpr[L2_REGISTERS])
{
    check("interrupt for l1", enter_until_timer(gpr),
          TDX_L2_EXIT_PENDING_INTERRUPT | VMX_EXIT_EXTERNAL_INTERRUPT);
    check("pending interrupt", enter(gpr), TDX_PENDING_INTERRUPT);
    interrupts[TIMER_VECTOR] = 0;
    __asm__ volatile("sti; nop; nop; cli");
    check("taken", interrupts[TIMER_VECTOR], 1);
}

static void msrs(uint64_t gpr[L2_REGISTERS])
{
    state.rip = (uint64_t)(uintptr_t)l2_msrs;
    check("l2 wrmsr lstar", enter(gpr), VMX_EXIT_WRMSR);
    wr(TDVPS_L2_MSR_BITMAP(1, 384 + 2), 0, ~0ULL);
    wr(TDVPS_L2_MSR_BITMAP(1, 128 + 2), 0, ~0ULL);
    check("l2 lstar passes", enter(gpr), VMX_EXIT_HLT);
    check(" efer without svme", state.gpr[L2_RAX], 0xd01);
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0xc0000082));
    check(" lstar is shared", low, 0x11223344);
}

void test_l2(void)
{
    uint64_t gpr[L2_REGISTERS];
    refusals(gpr);
    set_up(gpr);
    instructions(gpr);
    deadlines(gpr);
    violations(gpr);
    injections(gpr);
    interrupts_for_l1(gpr);
    msrs(gpr);
}
