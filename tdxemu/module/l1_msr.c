/* RDMSR and WRMSR of L1 that exit: the policy of the module's table, the TD VAPIC page. */
#include "abi/x86.h"
#include "module/l1_exits.h"
#include "module/l1_ve.h"
#include "module/msr.h"
#include "module/msr_policy.h"

static void finish(struct td *td, const struct vm_exit *exit, enum msr_result result)
{
    if (result == MSR_DONE)
        world_advance(&td->l1, exit->length);
    else if (result == MSR_FAULT)
        world_exception_error(&td->l1, VECTOR_GP, 0);
    else
        l1_inject_ve(td, exit);
}

/* TSC_DEADLINE, which the TD's CPUID has, is the one met in practice. */
static enum msr_result refused(enum msr_action action)
{
    return action == MSR_GP ? MSR_FAULT : MSR_NON_ARCH;
}

void l1_rdmsr(struct td *td, const struct vm_exit *exit)
{
    uint64_t *gpr = td->l1.gpr;
    uint32_t msr = (uint32_t)gpr[L2_RCX];
    uint64_t value = 0;
    enum msr_action action = msr_policy(msr, false);
    enum msr_result result = MSR_DONE;
    if (action == MSR_NATIVE && msr_is_x2apic(msr))
        value = vapic_read(&td->vapic, msr_apic_offset(msr));
    else if (action == MSR_NATIVE || action == MSR_MODULE)
        result = msr_module_read(td, false, msr, &value);
    else
        result = refused(action);
    if (result == MSR_DONE) {
        gpr[L2_RAX] = (uint32_t)value;
        gpr[L2_RDX] = value >> 32;
    }
    finish(td, exit, result);
}

static enum msr_result write_apic(struct td *td, uint32_t msr, uint64_t value)
{
    uint8_t ended;
    bool good = vapic_write(&td->vapic, msr_apic_offset(msr), value, &ended) == VAPIC_DONE;
    return good ? MSR_DONE : MSR_FAULT;
}

void l1_wrmsr(struct td *td, const struct vm_exit *exit)
{
    const uint64_t *gpr = td->l1.gpr;
    uint32_t msr = (uint32_t)gpr[L2_RCX];
    uint64_t value = gpr[L2_RDX] << 32 | (uint32_t)gpr[L2_RAX];
    enum msr_action action = msr_policy(msr, true);
    enum msr_result result;
    if (action == MSR_NATIVE && msr_is_x2apic(msr))
        result = write_apic(td, msr, value);
    else if (action == MSR_NATIVE || action == MSR_MODULE)
        result = msr_module_write(td, false, msr, value);
    else
        result = refused(action);
    finish(td, exit, result);
}
