#include "arch/fatal.h"
#include "exits/exits.h"

void exit_triple_fault(struct vcpu *vcpu)
{
    fatal("L2 ended by a triple fault at RIP %lx", vcpu->state->rip);
}
