/*
 * CPUID: the TD's own, which the TDX module virtualises, less what svsm does not give L2.
 *
 * Source: Intel SDM volume 2A, CPUID; leaf 21H: Linux arch/x86/include/asm/shared/tdx.h.
 */
#include "arch/copy.h"

#include "abi/vmx.h"
#include "abi/x86.h"
#include "exits/exits.h"
#include "vcpu/vmcs.h"

#define LEAF1_ECX_DTES64       (1U << 2)
#define LEAF1_ECX_MONITOR      (1U << 3)
#define LEAF1_ECX_VMX          (1U << 5)
#define LEAF1_ECX_SMX          (1U << 6)
#define LEAF1_ECX_PDCM         (1U << 15)
#define LEAF1_ECX_X2APIC       (1U << 21)
#define LEAF1_ECX_TSC_DEADLINE (1U << 24)
#define LEAF1_ECX_OSXSAVE      (1U << 27)
#define LEAF1_ECX_HYPERVISOR   (1U << 31)
#define LEAF1_EDX_DS           (1U << 21)
#define LEAF1_EBX_APIC_ID      0xff000000U
#define LEAF6_EAX_ARAT         (1U << 2)
#define LEAF7_ECX_WAITPKG      (1U << 5)
#define LEAF7_ECX_CET_SS       (1U << 7)
#define LEAF7_EDX_CET_IBT      (1U << 20)

enum {
    LEAF_HYPERVISOR = 0x40000000,
    LEAF_HYPERVISOR_LAST = 0x4fffffff,
    LEAF_TDX = 0x21
};

/* What the module does not virtualise is the host's to tell, so L2 does not have it. */
static struct cpuid of_td(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid out = {0};

    if (!cpuid_guarded(leaf, subleaf, &out))
        return (struct cpuid){0};
    return out;
}

static struct cpuid leaf_1(void)
{
    struct cpuid out = of_td(1, 0);

    out.ebx &= ~LEAF1_EBX_APIC_ID;
    out.ecx &= ~(LEAF1_ECX_DTES64 | LEAF1_ECX_MONITOR | LEAF1_ECX_VMX | LEAF1_ECX_SMX |
                 LEAF1_ECX_PDCM | LEAF1_ECX_OSXSAVE);
    out.ecx |= LEAF1_ECX_X2APIC | LEAF1_ECX_TSC_DEADLINE | LEAF1_ECX_HYPERVISOR;
    if ((vmcs_read(VMCS_GUEST_CR4) & X86_CR4_OSXSAVE) != 0)
        out.ecx |= LEAF1_ECX_OSXSAVE;
    out.edx &= ~LEAF1_EDX_DS;
    return out;
}

static struct cpuid leaf_7(uint32_t subleaf)
{
    struct cpuid out = of_td(7, subleaf);

    if (subleaf != 0)
        return out;
    out.ecx &= ~(LEAF7_ECX_WAITPKG | LEAF7_ECX_CET_SS);
    out.edx &= ~LEAF7_EDX_CET_IBT;
    return out;
}

/* KVM's signature without features: Linux then takes x2APIC without interrupt remapping. */
static struct cpuid leaf_hypervisor(uint32_t leaf)
{
    if (leaf != LEAF_HYPERVISOR)
        return (struct cpuid){0};
    return (struct cpuid){LEAF_HYPERVISOR + 1, 0x4b4d564b, 0x564b4d56, 0x4d};
}

struct cpuid cpuid_of_l2(uint32_t leaf, uint32_t subleaf)
{
    if (leaf >= LEAF_HYPERVISOR && leaf <= LEAF_HYPERVISOR_LAST)
        return leaf_hypervisor(leaf);
    switch (leaf) {
    case 1:
        return leaf_1();
    case 6: /* power management is the host's; the timer does not stop */
        return (struct cpuid){.eax = LEAF6_EAX_ARAT};
    case 7:
        return leaf_7(subleaf);
    case 5:    /* MONITOR */
    case 0xa:  /* performance counters */
    case 0xf:  /* resource monitoring */
    case 0x10: /* resource allocation */
    case 0x12: /* SGX */
    case 0x14: /* processor trace */
    case 0x1b: /* PCONFIG */
    case 0x1f: /* topology: leaf 0BH tells it */
        return (struct cpuid){0};
    case LEAF_TDX: /* "IntelTDX    ": L2 is to act as a TDX guest towards svsm */
        return subleaf == 0 ? (struct cpuid){0, 0x65746e49, 0x20202020, 0x5844546c}
                            : (struct cpuid){0};
    default:
        return of_td(leaf, subleaf);
    }
}

void exit_cpuid(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;
    struct cpuid out = cpuid_of_l2((uint32_t)gpr[L2_RAX], (uint32_t)gpr[L2_RCX]);

    gpr[L2_RAX] = out.eax;
    gpr[L2_RBX] = out.ebx;
    gpr[L2_RCX] = out.ecx;
    gpr[L2_RDX] = out.edx;
    vcpu_skip(vcpu);
}
