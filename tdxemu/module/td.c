#include "module/td.h"

#include <stdarg.h>

#include "abi/tdx_fields.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "boot/cpu.h"
#include "boot/interrupts.h"
#include "boot/print.h"
#include "host/counters.h"
#include "module/inject.h"
#include "module/l1_exits.h"
#include "module/l2_exits.h"

_Noreturn void td_error(const struct td *td, const char *format, ...)
{
    const struct world *world = td->in_l2 ? &td->l2.world : &td->l1;
    va_list list;
    va_start(list, format);
    print("tdxemu: td error: ");
    print_list(format, list);
    va_end(list);
    print(", %s at RIP %lx, CR3 %lx\n", td->in_l2 ? "L2" : "L1", world->vmcb->rip,
          world->vmcb->cr3);
    counters_dump();
    machine_exit(1);
}

/* INT n, INT3 and INTO are executed again: RIP is still on them. */
void td_deliver_again(struct world *world, const struct vm_exit *exit)
{
    uint64_t info = world->vmcb->exit_int_info;
    if (exit->vectoring & VMX_EVENT_VALID && VMCB_EVENT_TYPE(info) != VMX_EVENT_SOFT_INT)
        world->event = info;
}

bool td_take_interrupts(struct td *td)
{
    uint8_t vector;
    bool any = false;
    while (interrupts_take(&vector)) {
        vapic_post(&td->vapic, vector);
        any = true;
    }
    vector = lapic_tick(&td->lapic, tsc_read());
    if (vector)
        vapic_post(&td->vapic, vector);
    return any || vector;
}

void td_arm_timer(const struct td *td)
{
    uint64_t deadline = td->lapic.deadline;
    if (td->in_l2) {
        uint64_t l2 = metadata_value(&td->metadata, TDVPS_TSC_DEADLINE(1));
        deadline = l2 < deadline ? l2 : deadline;
    }
    timer_arm(deadline);
}

/* L1's turn always comes; L2's unless an exit to L1 takes its place. */
static bool prepare(struct td *td)
{
    if (td->in_l2)
        return l2_prepare(td);
    inject_prepare(&td->l1, &td->vapic, false);
    td_arm_timer(td);
    return true;
}

static void step(struct td *td)
{
    struct world *world = td->in_l2 ? &td->l2.world : &td->l1;
    struct vm_exit exit;
    uint64_t start = tsc_read();
    world_run(world);
    counter_ran(td->in_l2, start, tsc_read());
    counter_exit(world->vmcb->exit_code);
    exit_decode(world, &exit);
    if (exit.reason == VMX_EXIT_EXTERNAL_INTERRUPT) {
        interrupts_drain();
        (void)td_take_interrupts(td);
    }
    if (td->in_l2)
        l2_exit(td, &exit);
    else
        l1_exit(td, &exit);
}

_Noreturn void td_run(struct td *td)
{
    for (;;)
        if (prepare(td))
            step(td);
}
