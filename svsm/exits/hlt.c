/*
 * HLT, by instruction and by TDVMCALL: L2 sleeps until an interrupt is pending, and the run loop
 * waits. With interrupts blocked there is none to come: svsm gives L2 neither NMIs nor resets.
 */
#include "abi/x86.h"
#include "arch/fatal.h"
#include "arch/print.h"
#include "exits/exits.h"

void halt_of_l2(struct vcpu *vcpu, bool blocked)
{
    vcpu->halted = true;
    if (!blocked)
        return;
    if (!vcpu->is_tdx_guest)
        fatal("the kernel stopped at RIP %lx before it was up: it is damaged, or has no TDX guest "
              "support (CONFIG_INTEL_TDX_GUEST)",
              vcpu->state->rip);
    print("svsm: L2 has halted for good\n");
    vcpu_power_off(vcpu);
}

void exit_hlt(struct vcpu *vcpu)
{
    vcpu_skip(vcpu);
    halt_of_l2(vcpu, (vcpu->state->rflags & X86_RFLAGS_IF) == 0);
}
