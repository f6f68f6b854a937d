#include "abi/vmx.h"
#include "abi/x86.h"
#include "vcpu/vcpu.h"

/* Vectors that push an error code (SDM volume 3A, table 6-1). */
#define WITH_ERROR                                                                                 \
    (1U << VECTOR_DF | 1U << 10 | 1U << 11 | 1U << 12 | 1U << VECTOR_GP | 1U << VECTOR_PF |        \
     1U << 17)

void vcpu_skip(struct vcpu *vcpu)
{
    vcpu->state->rip += vcpu->exit.instruction >> 32;
}

void vcpu_raise(struct vcpu *vcpu, unsigned vector)
{
    uint32_t info = VMX_EVENT_VALID | VMX_EVENT_EXCEPTION << VMX_EVENT_TYPE_SHIFT | vector;

    if ((WITH_ERROR >> vector & 1) != 0)
        info |= VMX_EVENT_ERROR_CODE;
    vcpu->event = (struct vcpu_event){.info = info};
}
