#include "exits/exits.h"

/* L2 sleeps until an interrupt is pending: the run loop waits. */
void exit_hlt(struct vcpu *vcpu)
{
    vcpu_skip(vcpu);
    vcpu->halted = true;
}
