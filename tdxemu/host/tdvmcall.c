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

static uint64_t call_info(struct td *td, struct call *call)
{
    (void)td;
    if (call->gpr[L2_R12] > 1)
        return GHCI_INVALID_OPERAND;
    call->gpr[L2_R11] = call->gpr[L2_R12] = call->gpr[L2_R13] = call->gpr[L2_R14] = 0;
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
static uint64_t call_map_gpa(struct td *td, struct call *call)
{
    bool shared = call->gpr[L2_R12] & GPA_SHARED_BIT;
    uint64_t from = call->gpr[L2_R12] & ~GPA_SHARED_BIT;
    uint64_t size = call->gpr[L2_R13];
    if ((from | size) % SIZE_4K)
        return GHCI_ALIGN_ERROR;
    if (size == 0 || from >= GPA_SHARED_BIT || size > GPA_SHARED_BIT - from)
        return GHCI_INVALID_OPERAND;
    map_part(from, from + size, 0, td->machine.low, shared);
    map_part(from, from + size, MACHINE_4G, td->machine.high, shared);
    return GHCI_SUCCESS;
}

static uint64_t call_fatal(struct td *td, struct call *call)
{
    static const uint8_t order[GHCI_FATAL_TEXT / 8] = {L2_R14, L2_R15, L2_RBX, L2_RDI,
                                                       L2_RSI, L2_R8,  L2_R9,  L2_RDX};
    uint64_t text[GHCI_FATAL_TEXT / 8];
    (void)td;
    for (unsigned i = 0; i < GHCI_FATAL_TEXT / 8; i++)
        text[i] = call->gpr[order[i]];
    host_fatal_error(call->gpr[L2_R12], text);
}

static uint64_t call_cpuid(struct td *td, struct call *call)
{
    struct cpuid r =
        cpuid_host((uint32_t)call->gpr[L2_R12], (uint32_t)call->gpr[L2_R13], td->l1.vmcb->cr4);
    call->gpr[L2_R12] = r.eax;
    call->gpr[L2_R13] = r.ebx;
    call->gpr[L2_R14] = r.ecx;
    call->gpr[L2_R15] = r.edx;
    return GHCI_SUCCESS;
}

/* Whatever is posted ends the wait; what is pending already prevents it. */
static uint64_t call_hlt(struct td *td, struct call *call)
{
    (void)call;
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

static uint64_t call_io(struct td *td, struct call *call)
{
    uint32_t value = (uint32_t)call->gpr[L2_R15];
    bool write = call->gpr[L2_R13] == GHCI_WRITE;
    (void)td;
    if (!direction_valid(call->gpr[L2_R13]) || call->gpr[L2_R14] > UINT16_MAX ||
        call->gpr[L2_R12] > 4)
        return GHCI_INVALID_OPERAND;
    if (!host_io((uint16_t)call->gpr[L2_R14], (unsigned)call->gpr[L2_R12], write, &value))
        return GHCI_INVALID_OPERAND;
    if (!write)
        call->gpr[L2_R11] = value;
    return GHCI_SUCCESS;
}

static uint64_t call_mmio(struct td *td, struct call *call)
{
    uint64_t value = call->gpr[L2_R15];
    bool write = call->gpr[L2_R13] == GHCI_WRITE;
    (void)td;
    if (!direction_valid(call->gpr[L2_R13]) || call->gpr[L2_R12] > 8)
        return GHCI_INVALID_OPERAND;
    if (!host_mmio(call->gpr[L2_R14], (unsigned)call->gpr[L2_R12], write, &value))
        return GHCI_INVALID_OPERAND;
    if (!write)
        call->gpr[L2_R11] = value;
    return GHCI_SUCCESS;
}

static uint64_t call_rdmsr(struct td *td, struct call *call)
{
    uint32_t msr = (uint32_t)call->gpr[L2_R12];
    uint64_t value = 0;
    if (!lapic_read(&td->lapic, msr, tsc_read(), &value) && !host_msr_read(msr, &value))
        return GHCI_INVALID_OPERAND;
    call->gpr[L2_R11] = value;
    return GHCI_SUCCESS;
}

static uint64_t call_wrmsr(struct td *td, struct call *call)
{
    uint32_t msr = (uint32_t)call->gpr[L2_R12];
    uint8_t vector = 0;
    if (!lapic_write(&td->lapic, msr, call->gpr[L2_R13], tsc_read(), &vector) &&
        !host_msr_write(msr, call->gpr[L2_R13]))
        return GHCI_INVALID_OPERAND;
    if (vector)
        vapic_post(&td->vapic, vector);
    return GHCI_SUCCESS;
}

/* Caches are coherent here: there is nothing to write back. */
static uint64_t call_wbinvd(struct td *td, struct call *call)
{
    (void)td;
    return call->gpr[L2_R12] > 1 ? GHCI_INVALID_OPERAND : GHCI_SUCCESS;
}

struct function {
    uint64_t number;
    uint64_t (*serve)(struct td *td, struct call *call);
};

static const struct function functions[] = {
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

void host_tdvmcall(struct td *td, struct call *call)
{
    uint64_t *gpr = call->gpr;
    if (gpr[L2_R10] != 0) { /* a hypercall of the hypervisor's own */
        gpr[L2_R10] = KVM_ENOSYS;
        return;
    }
    counter_tdvmcall(gpr[L2_R11]);
    for (unsigned i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (functions[i].number != gpr[L2_R11])
            continue;
        gpr[L2_R10] = functions[i].serve(td, call);
        return;
    }
    gpr[L2_R10] = GHCI_INVALID_OPERAND;
}
