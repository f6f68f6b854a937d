/* RDMSR and WRMSR of L2 that exit: L1's bitmap, the TD's policy, L2's virtual APIC page. */
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/l2_exits.h"
#include "module/msr.h"
#include "module/msr_policy.h"

#define VM            1U
#define TPR_THRESHOLD 0x401cU

static void finish(struct td *td, const struct vm_exit *exit, enum msr_result result)
{
    if (result == MSR_DONE)
        world_advance(&td->l2.world, exit->length);
    else if (result == MSR_FAULT)
        world_exception_error(&td->l2.world, VECTOR_GP, 0);
    else
        l2_to_l1(td, exit, TDX_SUCCESS, 0);
}

static enum msr_result refused(enum msr_action action)
{
    return action == MSR_GP ? MSR_FAULT : MSR_NON_ARCH;
}

void l2_rdmsr(struct td *td, const struct vm_exit *exit)
{
    uint64_t *gpr = td->l2.world.gpr;
    uint32_t msr = (uint32_t)gpr[L2_RCX];
    uint64_t value = 0;
    enum msr_action action = msr_policy(msr, false);
    enum msr_result result = MSR_DONE;
    if (metadata_msr_intercepted(&td->metadata, VM, msr, false))
        result = MSR_NON_ARCH;
    else if (action == MSR_NATIVE && msr_is_x2apic(msr))
        value = vapic_read(&td->l2.vapic, msr_apic_offset(msr));
    else if (action == MSR_NATIVE || action == MSR_MODULE)
        result = msr_module_read(td, true, msr, &value);
    else
        result = refused(action);
    if (result == MSR_DONE) {
        gpr[L2_RAX] = (uint32_t)value;
        gpr[L2_RDX] = value >> 32;
    }
    finish(td, exit, result);
}

static bool exits_on_eoi(const struct td *td, uint8_t vector)
{
    uint64_t word = metadata_vmcs(&td->metadata, VM, VMCS_EOI_EXIT_BITMAP0 + 2U * (vector / 64U));
    return word >> vector % 64U & 1U;
}

static bool below_threshold(const struct td *td)
{
    return vapic_tpr(&td->l2.vapic) >> 4 < (metadata_vmcs(&td->metadata, VM, TPR_THRESHOLD) & 15U);
}

/* What follows the instruction: EOI-induced exits, TPR below threshold (SDM volume 3C, 30.1). */
static void after_apic_write(struct td *td, unsigned offset, uint8_t ended)
{
    if (offset == APIC_EOI && ended && exits_on_eoi(td, ended)) {
        const struct vm_exit eoi = {.reason = VMX_EXIT_VIRTUALIZED_EOI, .qualification = ended};
        l2_to_l1(td, &eoi, TDX_SUCCESS, 0);
    } else if (offset == APIC_TPR && !td->l2.virtual_delivery && below_threshold(td)) {
        l2_to_l1_plain(td, VMX_EXIT_TPR_THRESHOLD, TDX_SUCCESS);
    }
}

/* Without virtual-interrupt delivery only TPR is virtualized. */
static void write_apic(struct td *td, const struct vm_exit *exit, unsigned offset, uint64_t value)
{
    uint8_t ended = 0;
    if (offset != APIC_TPR && !td->l2.virtual_delivery) {
        finish(td, exit, MSR_NON_ARCH);
        return;
    }
    if (vapic_write(&td->l2.vapic, offset, value, &ended) != VAPIC_DONE) {
        finish(td, exit, MSR_FAULT);
        return;
    }
    finish(td, exit, MSR_DONE);
    after_apic_write(td, offset, ended);
}

void l2_wrmsr(struct td *td, const struct vm_exit *exit)
{
    const uint64_t *gpr = td->l2.world.gpr;
    uint32_t msr = (uint32_t)gpr[L2_RCX];
    uint64_t value = gpr[L2_RDX] << 32 | (uint32_t)gpr[L2_RAX];
    enum msr_action action = msr_policy(msr, true);
    if (metadata_msr_intercepted(&td->metadata, VM, msr, true))
        finish(td, exit, MSR_NON_ARCH);
    else if (action == MSR_NATIVE && msr_is_x2apic(msr))
        write_apic(td, exit, msr_apic_offset(msr), value);
    else if (action == MSR_NATIVE || action == MSR_MODULE)
        finish(td, exit, msr_module_write(td, true, msr, value));
    else
        finish(td, exit, refused(action));
}
