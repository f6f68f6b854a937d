#include "host/tdvmcall.h"

#include "abi/ghci.h"
#include "boot/cpu.h"
#include "host/counters.h"
#include "host/fatal.h"
#include "host/io.h"
#include "host/msr.h"
#include "module/cpuid.h"
#include "module/pages.h"

#define KVM_ENOSYS ((uint64_t)-1000)

static uint64_t call_info(struct td *td, uint64_t *gpr)
{
    (void)td;
    if (gpr[L2_R12] > 1)
        return GHCI_INVALID_OPERAND;
    gpr[L2_R11] = gpr[L2_R12] = gpr[L2_R13] = gpr[L2_R14] = 0;
    return GHCI_SUCCESS;
}

static void map_part(uint64_t from, uint64_t to, uint64_t ram, uint64_t size, bool shared)
{
    if (from < ram)
        from = ram;
    if (to > ram + size)
        to = ram + size;
    if (from < to)
        pages_map_gpa(from, to - from, shared);
}

/* Of a range with devices in it, only the RAM changes: MMIO is shared by nature. */
static uint64_t call_map_gpa(struct td *td, uint64_t *gpr)
{
    bool shared = gpr[L2_R12] & GPA_SHARED_BIT;
    uint64_t from = gpr[L2_R12] & ~GPA_SHARED_BIT;
    uint64_t size = gpr[L2_R13];
    if ((from | size) % SIZE_4K)
        return GHCI_ALIGN_ERROR;
    if (size == 0 || from >= GPA_SHARED_BIT || size > GPA_SHARED_BIT - from)
        return GHCI_INVALID_OPERAND;
    map_part(from, from + size, 0, td->machine.low, shared);
    map_part(from, from + size, MACHINE_4G, td->machine.high, shared);
    return GHCI_SUCCESS;
}

static uint64_t call_fatal(struct td *td, uint64_t *gpr)
{
    static const uint8_t order[GHCI_FATAL_TEXT / 8] = {L2_R14, L2_R15, L2_RBX, L2_RDI,
                                                       L2_RSI, L2_R8,  L2_R9,  L2_RDX};
    uint64_t text[GHCI_FATAL_TEXT / 8];
    (void)td;
    for (unsigned i = 0; i < GHCI_FATAL_TEXT / 8; i++)
        text[i] = gpr[order[i]];
    host_fatal_error(gpr[L2_R12], text);
}

static uint64_t call_cpuid(struct td *td, uint64_t *gpr)
{
    struct cpuid r = cpuid_host((uint32_t)gpr[L2_R12], (uint32_t)gpr[L2_R13], td->l1.vmcb->cr4);
    gpr[L2_R12] = r.eax;
    gpr[L2_R13] = r.ebx;
    gpr[L2_R14] = r.ecx;
    gpr[L2_R15] = r.edx;
    return GHCI_SUCCESS;
}

/* Whatever is posted ends the wait; what is pending already prevents it. */
static uint64_t call_hlt(struct td *td, uint64_t *gpr)
{
    (void)gpr;
    interrupts_drain();
    bool woken = td_take_interrupts(td);
    while (!woken && !vapic_pending(&td->vapic)) {
        td_arm_timer(td);
        interrupts_wait();
        woken = td_take_interrupts(td);
    }
    return GHCI_SUCCESS;
}

static bool direction_valid(uint64_t direction)
{
    return direction == GHCI_READ || direction == GHCI_WRITE;
}

static uint64_t call_io(struct td *td, uint64_t *gpr)
{
    uint32_t value = (uint32_t)gpr[L2_R15];
    bool write = gpr[L2_R13] == GHCI_WRITE;
    (void)td;
    if (!direction_valid(gpr[L2_R13]) || gpr[L2_R14] > UINT16_MAX || gpr[L2_R12] > 4)
        return GHCI_INVALID_OPERAND;
    if (!host_io((uint16_t)gpr[L2_R14], (unsigned)gpr[L2_R12], write, &value))
        return GHCI_INVALID_OPERAND;
    if (!write)
        gpr[L2_R11] = value;
    return GHCI_SUCCESS;
}

static uint64_t call_mmio(struct td *td, uint64_t *gpr)
{
    uint64_t value = gpr[L2_R15];
    bool write = gpr[L2_R13] == GHCI_WRITE;
    (void)td;
    if (!direction_valid(gpr[L2_R13]) || gpr[L2_R12] > 8)
        return GHCI_INVALID_OPERAND;
    if (!host_mmio(gpr[L2_R14], (unsigned)gpr[L2_R12], write, &value))
        return GHCI_INVALID_OPERAND;
    if (!write)
        gpr[L2_R11] = value;
    return GHCI_SUCCESS;
}

static uint64_t call_rdmsr(struct td *td, uint64_t *gpr)
{
    uint32_t msr = (uint32_t)gpr[L2_R12];
    uint64_t value = 0;
    if (!lapic_read(&td->lapic, msr, tsc_read(), &value) && !host_msr_read(msr, &value))
        return GHCI_INVALID_OPERAND;
    gpr[L2_R11] = value;
    return GHCI_SUCCESS;
}

static uint64_t call_wrmsr(struct td *td, uint64_t *gpr)
{
    uint32_t msr = (uint32_t)gpr[L2_R12];
    uint8_t vector = 0;
    if (!lapic_write(&td->lapic, msr, gpr[L2_R13], tsc_read(), &vector) &&
        !host_msr_write(msr, gpr[L2_R13]))
        return GHCI_INVALID_OPERAND;
    if (vector)
        vapic_post(&td->vapic, vector);
    return GHCI_SUCCESS;
}

/* Caches are coherent here: there is nothing to write back. */
static uint64_t call_wbinvd(struct td *td, uint64_t *gpr)
{
    (void)td;
    return gpr[L2_R12] > 1 ? GHCI_INVALID_OPERAND : GHCI_SUCCESS;
}

struct call {
    uint64_t function;
    uint64_t (*serve)(struct td *td, uint64_t *gpr);
};

static const struct call calls[] = {
    {GHCI_IO, call_io},
    {GHCI_MMIO, call_mmio},
    {GHCI_HLT, call_hlt},
    {GHCI_WRMSR, call_wrmsr},
    {GHCI_RDMSR, call_rdmsr},
    {GHCI_MAP_GPA, call_map_gpa},
    {GHCI_CPUID, call_cpuid},
    {GHCI_WBINVD, call_wbinvd},
    {GHCI_GET_TDVMCALL_INFO, call_info},
    {GHCI_REPORT_FATAL_ERROR, call_fatal},
};

void host_tdvmcall(struct td *td, uint64_t gpr[L2_REGISTERS])
{
    if (gpr[L2_R10] != 0) { /* a hypercall of the hypervisor's own */
        gpr[L2_R10] = KVM_ENOSYS;
        return;
    }
    counter_tdvmcall(gpr[L2_R11]);
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (calls[i].function != gpr[L2_R11])
            continue;
        gpr[L2_R10] = calls[i].serve(td, gpr);
        return;
    }
    gpr[L2_R10] = GHCI_INVALID_OPERAND;
}
