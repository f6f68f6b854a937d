/* RDMSR and WRMSR that reach svsm: what neither L2's bitmap nor the TD's policy passes. */
#include "abi/x86.h"
#include <stddef.h>

#include "exits/exits.h"
#include "irq/l2_apic.h"

#define APIC_BASE_OF_L2    0xfee00d00ULL /* at its address, on, x2APIC, boot processor */
#define FEATURE_LOCKED     1ULL
#define MTRR_ON_WRITE_BACK 0x806ULL

struct fixed_msr {
    uint64_t value;
    uint32_t msr;
    bool writable; /* writes are swallowed */
};

#define MSR_PLATFORM_ID   0x17
#define MSR_MICROCODE     0x8b
#define MSR_MISC_FEATURES 0x140
#define MSR_MCG_CAP       0x179
#define MSR_MCG_STATUS    0x17a

static const struct fixed_msr fixed[] = {
    {0, MSR_PLATFORM_ID, false},
    {APIC_BASE_OF_L2, MSR_APIC_BASE, false},
    {FEATURE_LOCKED, MSR_FEATURE_CONTROL, false},
    {0, MSR_TSC_ADJUST, false},
    {0, MSR_MICROCODE, true},
    {0, MSR_MTRRCAP, false},
    {0, MSR_MISC_FEATURES, false},
    {0, MSR_MCG_CAP, false}, /* no banks: machine checks are the host's */
    {0, MSR_MCG_STATUS, true},
    {MTRR_ON_WRITE_BACK, MSR_MTRR_DEF_TYPE, true},
};

static bool is_apic(uint32_t msr)
{
    return (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST) || msr == MSR_TSC_DEADLINE;
}

static const struct fixed_msr *find_fixed(uint32_t msr)
{
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].msr == msr)
            return &fixed[i];
    return NULL;
}

bool msr_read_of_l2(uint32_t msr, uint64_t *value)
{
    const struct fixed_msr *known = find_fixed(msr);

    if (is_apic(msr))
        return l2_apic_read(msr, value);
    if (known != NULL)
        *value = known->value;
    return known != NULL;
}

/* Writing what is there changes nothing, and kernels do it. */
bool msr_write_of_l2(uint32_t msr, uint64_t value)
{
    const struct fixed_msr *known = find_fixed(msr);

    if (is_apic(msr))
        return l2_apic_write(msr, value);
    return known != NULL && (known->writable || known->value == value);
}

void exit_rdmsr(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;
    uint64_t value = 0;

    if (!msr_read_of_l2((uint32_t)gpr[L2_RCX], &value)) {
        vcpu_raise(vcpu, VECTOR_GP);
        return;
    }
    gpr[L2_RAX] = (uint32_t)value;
    gpr[L2_RDX] = value >> 32;
    vcpu_skip(vcpu);
}

void exit_wrmsr(struct vcpu *vcpu)
{
    const uint64_t *gpr = vcpu->state->gpr;
    uint64_t value = (uint32_t)gpr[L2_RAX] | gpr[L2_RDX] << 32;

    if (!msr_write_of_l2((uint32_t)gpr[L2_RCX], value)) {
        vcpu_raise(vcpu, VECTOR_GP);
        return;
    }
    vcpu_skip(vcpu);
}
