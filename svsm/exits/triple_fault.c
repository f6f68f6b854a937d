#include "arch/fatal.h"
#include "exits/exits.h"

void exit_triple_fault(struct vcpu *vcpu)
{
    if (!vcpu->is_tdx_guest)
        fatal("the kernel has no TDX guest support (CONFIG_INTEL_TDX_GUEST), or is damaged: "
              "triple fault at RIP %lx",
              vcpu->state->rip);
    fatal("L2 ended by a triple fault at RIP %lx", vcpu->state->rip);
}
