#include "module/cr.h"

#include "abi/x86.h"

/* What QEMU's "max" processor, which has no PCIDE, and a TD without PK, CET, UINTR, PKS, LA57 and
 * key locker have. */
#define CR4_TD_BITS 0x00350fffULL

enum cr_write cr0_check(uint64_t value, uint64_t cr4, uint64_t efer, bool real_mode_allowed)
{
    if (value >> 32 || !(value & X86_CR0_NE))
        return CR_FAULT;
    if (value & X86_CR0_PG && !(value & X86_CR0_PE))
        return CR_FAULT;
    if (value & X86_CR0_NW && !(value & X86_CR0_CD))
        return CR_FAULT;
    if (value & X86_CR0_PG && efer & X86_EFER_LME && !(cr4 & X86_CR4_PAE))
        return CR_FAULT;
    if ((!(value & X86_CR0_PE) && !real_mode_allowed) || value & (X86_CR0_NW | X86_CR0_CD))
        return CR_NON_ARCH;
    return CR_DONE;
}

enum cr_write cr4_check(uint64_t value, uint64_t efer)
{
    if (value & ~(CR4_TD_BITS | X86_CR4_VMXE))
        return CR_FAULT;
    if (efer & X86_EFER_LMA && !(value & X86_CR4_PAE))
        return CR_FAULT;
    if (!(value & X86_CR4_MCE) || value & X86_CR4_VMXE)
        return CR_NON_ARCH;
    return CR_DONE;
}
