#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "arch/fatal.h"
#include <stddef.h>

#include "exits/exits.h"

/* svsm asks for none of these instructions to exit; where one does, L2 does not have it. */
static void no_such_instruction(struct vcpu *vcpu)
{
    vcpu_raise(vcpu, VECTOR_UD);
}

static void refuse_access(struct vcpu *vcpu)
{
    vcpu_raise(vcpu, VECTOR_GP);
}

/* L2's turn is over: the run loop has done what was due. */
static void go_on(struct vcpu *vcpu)
{
    (void)vcpu;
}

static exit_handler *const handlers[] = {
    [VMX_EXIT_EXTERNAL_INTERRUPT] = go_on,
    [VMX_EXIT_TRIPLE_FAULT] = exit_triple_fault,
    [VMX_EXIT_CPUID] = exit_cpuid,
    [VMX_EXIT_HLT] = exit_hlt,
    [VMX_EXIT_INVD] = vcpu_skip,
    [VMX_EXIT_RDPMC] = refuse_access,
    [VMX_EXIT_CR_ACCESS] = refuse_access,
    [VMX_EXIT_IO] = exit_io,
    [VMX_EXIT_RDMSR] = exit_rdmsr,
    [VMX_EXIT_WRMSR] = exit_wrmsr,
    [VMX_EXIT_EPT_VIOLATION] = exit_ept_violation,
    [VMX_EXIT_PREEMPTION_TIMER] = go_on,
    [VMX_EXIT_WBINVD] = vcpu_skip,
    [VMX_EXIT_XSETBV] = exit_xsetbv,
    [VMX_EXIT_TDCALL] = exit_tdcall,
};

void exit_dispatch(struct vcpu *vcpu)
{
    uint32_t reason = (uint32_t)vcpu->exit.status;
    uint32_t basic = reason & 0xffff;

    /* An interrupt came for L1: the instruction that L2 was at has not been executed. */
    if (TDX_STATUS_CODE(vcpu->exit.status) == TDX_L2_EXIT_PENDING_INTERRUPT)
        return;
    if ((reason & VMX_EXIT_ENTRY_FAILURE) != 0)
        fatal("L2 cannot be entered: exit reason %x, RIP %lx", reason, vcpu->state->rip);
    if (basic < sizeof handlers / sizeof *handlers && handlers[basic] != NULL)
        handlers[basic](vcpu);
    else
        no_such_instruction(vcpu);
}
