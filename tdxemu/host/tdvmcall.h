/*
 * The host VMM's answer to a TDG.VP.VMCALL.
 *
 * Source: Intel GHCI 1.5, section 3; Linux arch/x86/kvm/vmx/tdx.c. What is not served is answered
 * with TDG.VP.VMCALL_INVALID_OPERAND.
 */
#ifndef HOST_TDVMCALL_H
#define HOST_TDVMCALL_H

#include <stdint.h>

#include "module/td.h"

/* The registers that the TD exposes, zero where it does not; the host's go back in. */
struct call {
    uint64_t gpr[L2_REGISTERS];
};

void host_tdvmcall(struct td *td, struct call *call);

#endif
