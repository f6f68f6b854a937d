#include "module/msr.h"

#include "abi/x86.h"
#include "module/msr_policy.h"

#define MSR_XAPIC_DISABLE_STATUS 0xbdU
#define MSR_DEBUGCTL             0x1d9U
#define MSR_PERF_CAPABILITIES    0x345U
#define MSR_VMX_FIRST            0x480U
#define MSR_VMX_LAST             0x492U
#define MISC_ENABLE              0x1801U /* fast strings; no BTS, no PEBS */
#define LEGACY_XAPIC_DISABLED    1U
#define XSS_ALLOWED              0U /* XFAM has no supervisor state */

static const struct world *world_of(const struct td *td, bool l2)
{
    return l2 ? &td->l2.world : &td->l1;
}

static bool has_virtual_value(uint32_t msr, bool l2)
{
    return msr == MSR_ARCH_CAPABILITIES || (!l2 && msr >= MSR_VMX_FIRST && msr <= MSR_VMX_LAST);
}

enum msr_result msr_module_read(const struct td *td, bool l2, uint32_t msr, uint64_t *value)
{
    if (has_virtual_value(msr, l2)) {
        *value = metadata_value(&td->metadata, METADATA_VIRTUAL_MSR(msr));
        return MSR_DONE;
    }
    switch (msr) {
    case MSR_EFER:
        *value = world_of(td, l2)->vmcb->efer & ~X86_EFER_SVME;
        return MSR_DONE;
    case MSR_MISC_ENABLE:
        *value = MISC_ENABLE;
        return MSR_DONE;
    case MSR_XAPIC_DISABLE_STATUS:
        *value = LEGACY_XAPIC_DISABLED;
        return MSR_DONE;
    case MSR_XSS:
    case MSR_DEBUGCTL:
    case MSR_PERF_CAPABILITIES:
        *value = 0;
        return MSR_DONE;
    default:
        return MSR_NOT_HERE;
    }
}

/* wrmsr_ia32_efer(): SCE, and of L2 also LME, may change; LMA is not looked at. */
static enum msr_result write_efer(struct vmcb *vmcb, bool l2, uint64_t value)
{
    uint64_t writable = X86_EFER_SCE | (l2 ? X86_EFER_LME : 0);
    uint64_t old = vmcb->efer & ~X86_EFER_SVME;
    if ((old ^ value) & ~(writable | X86_EFER_LMA))
        return MSR_NON_ARCH;
    if ((old ^ value) & X86_EFER_LME && vmcb->cr0 & X86_CR0_PG)
        return MSR_FAULT;
    vmcb->efer = (vmcb->efer & ~writable) | (value & writable);
    return MSR_DONE;
}

enum msr_result msr_module_write(struct td *td, bool l2, uint32_t msr, uint64_t value)
{
    switch (msr) {
    case MSR_EFER:
        return write_efer(world_of(td, l2)->vmcb, l2, value);
    case MSR_XSS:
        return value & ~(uint64_t)XSS_ALLOWED ? MSR_FAULT : MSR_DONE;
    case MSR_DEBUGCTL: /* the processor has no branch tracing */
        return value ? MSR_NON_ARCH : MSR_DONE;
    default:
        return MSR_NOT_HERE;
    }
}

/* EFER holds SVM's own bit, and the x2APIC is not the processor's: those always exit. */
static bool passes(uint32_t msr, bool write)
{
    return msr != MSR_EFER && !msr_is_x2apic(msr) && msr_policy(msr, write) == MSR_NATIVE;
}

void msr_apply_policy(struct world *world, uint32_t msr, bool write, bool intercept)
{
    world_msr_intercept(world, msr, write, intercept || !passes(msr, write));
}
