/*
 * L2's CR4 as its VMCS has it, on a processor that differs in two bits.
 *
 * VMXE is 1 for the TDX module and cannot be in a VMCB. OSXSAVE is kept out of the VMCB until L2
 * has executed XSETBV: QEMU 7.2 has no intercept for that (8.2 has), so the first one is met as
 * #UD. Later ones are executed by the processor, unseen; so is the first when other XSAVE
 * instructions came before it.
 */
#ifndef MODULE_L2_CR4_H
#define MODULE_L2_CR4_H

#include "abi/x86.h"
#include "module/td.h"

static inline bool l2_osxsave_hidden(const struct l2 *l2)
{
    return l2->osxsave && !l2->xsetbv_seen;
}

static inline uint64_t l2_cr4(const struct l2 *l2)
{
    return l2->world.vmcb->cr4 | X86_CR4_VMXE | (l2->osxsave ? X86_CR4_OSXSAVE : 0);
}

static inline void l2_cr4_set(struct l2 *l2, uint64_t cr4)
{
    uint64_t hidden = X86_CR4_VMXE | (l2->xsetbv_seen ? 0 : X86_CR4_OSXSAVE);
    l2->osxsave = cr4 & X86_CR4_OSXSAVE;
    l2->world.vmcb->cr4 = cr4 & ~hidden;
}

/* From now on the processor has it. */
static inline void l2_osxsave_show(struct l2 *l2)
{
    uint64_t cr4 = l2_cr4(l2);
    l2->xsetbv_seen = true;
    l2_cr4_set(l2, cr4);
}

#endif
