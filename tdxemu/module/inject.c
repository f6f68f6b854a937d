#include "module/inject.h"

#include <stddef.h>

#define INT_WINDOW (VMCB_INT_V_IRQ | VMCB_INT_PRIORITY | VMCB_INT_IGNORE_TPR)

void inject_prepare(struct world *world, struct vapic *vapic, bool window)
{
    struct vmcb *vmcb = world->vmcb;
    if (vapic != NULL && vapic_pending(vapic)) {
        if (!world->event && world_interrupts_open(world))
            world->event = VMCB_EVENT_VALID | VMCB_EVENT_INTERRUPT | vapic_deliver(vapic);
        else
            window = true;
    }
    vmcb->int_ctl = VMCB_INT_MASKING | (window ? INT_WINDOW : 0);
    world_intercept(world, SVM_EXIT_VINTR, window);
}
