#include "module/l2_exits.h"

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "boot/cpu.h"
#include "boot/interrupts.h"
#include "module/inject.h"
#include "module/l2_controls.h"
#include "module/l2_cr4.h"

static bool deadline_passed(const struct td *td)
{
    return tsc_read() >= metadata_value(&td->metadata, TDVPS_TSC_DEADLINE(1));
}

/*
 * The preemption timer first, as it has priority; an event that L1 injects is delivered before it.
 * SDM volume 3C, 26.5.1, 26.7.5.
 */
bool l2_prepare(struct td *td)
{
    struct world *world = &td->l2.world;
    if (deadline_passed(td)) {
        if (!world->event) {
            l2_to_l1_plain(td, VMX_EXIT_PREEMPTION_TIMER, TDX_SUCCESS);
            return false;
        }
        interrupts_kick();
    }
    if (td->l2.window && !world->event && world_interrupts_open(world)) {
        l2_to_l1_plain(td, VMX_EXIT_INTERRUPT_WINDOW, TDX_SUCCESS);
        return false;
    }
    inject_prepare(world, td->l2.virtual_delivery ? &td->l2.vapic : 0, td->l2.window);
    td_arm_timer(td);
    return true;
}

/* is_voe_in_exception_bitmap() of src/common/helpers/helpers.c. */
static bool again_goes_to_l1(const struct td *td, const struct vm_exit *exit)
{
    unsigned type = (exit->vectoring & VMX_EVENT_TYPE_MASK) >> VMX_EVENT_TYPE_SHIFT;
    return exit->vectoring & VMX_EVENT_VALID && type == VMX_EVENT_EXCEPTION &&
           l2_exception_intercepted(td, exit->vectoring & VMX_EVENT_VECTOR, exit->vectoring_error);
}

void l2_resume(struct td *td, const struct vm_exit *exit)
{
    if (again_goes_to_l1(td, exit)) {
        const struct vm_exit event = {.reason = VMX_EXIT_EXCEPTION,
                                      .event = exit->vectoring,
                                      .event_error = exit->vectoring_error};
        l2_to_l1(td, &event, TDX_SUCCESS, 0);
        return;
    }
    td_deliver_again(&td->l2.world, exit);
}

static void to_l1(struct td *td, const struct vm_exit *exit)
{
    l2_to_l1(td, exit, TDX_SUCCESS, 0);
}

static void l2_exception(struct td *td, const struct vm_exit *exit);

/* An instruction that Intel's processors do not know. */
static void l2_undefined(struct td *td, const struct vm_exit *exit)
{
    struct vm_exit fault = *exit;
    fault.reason = VMX_EXIT_EXCEPTION;
    fault.length = 0;
    fault.qualification = 0;
    fault.event = VMX_EVENT_VALID | VMX_EVENT_EXCEPTION << VMX_EVENT_TYPE_SHIFT | VECTOR_UD;
    l2_exception(td, &fault);
}

/* td_l2_interrupt.c: for L1, if it can be delivered there; RFLAGS.IF of L1 is not looked at. */
static void l2_interrupt(struct td *td, const struct vm_exit *exit)
{
    if (deadline_passed(td) || !vapic_pending(&td->vapic)) {
        l2_resume(td, exit);
        return;
    }
    l2_to_l1(td, exit, TDX_L2_EXIT_PENDING_INTERRUPT, 0);
}

/* XSETBV, met as #UD while OSXSAVE is hidden; without OSXSAVE it is that in truth. */
static void l2_xsetbv(struct td *td, const struct vm_exit *exit)
{
    if (!td->l2.osxsave) {
        l2_undefined(td, exit);
        return;
    }
    l2_osxsave_show(&td->l2);
    to_l1(td, exit);
}

static void l2_exception(struct td *td, const struct vm_exit *exit)
{
    struct world *world = &td->l2.world;
    unsigned vector = exit->event & VMX_EVENT_VECTOR;
    if (vector == VECTOR_UD && l2_osxsave_hidden(&td->l2)) {
        l2_osxsave_show(&td->l2); /* another user of XSAVE: once more, with it */
        return;
    }
    if (l2_exception_intercepted(td, vector, exit->event_error)) {
        to_l1(td, exit);
        return;
    }
    if (vector == VECTOR_PF)
        world->vmcb->cr2 = exit->qualification;
    if (exit->event & VMX_EVENT_ERROR_CODE)
        world_exception_error(world, vector, exit->event_error);
    else
        world_exception(world, vector);
}

/* Executed here, as the intercept has come before: pushes the address behind it. */
static void l2_soft_int(struct td *td, const struct vm_exit *exit)
{
    world_advance(&td->l2.world, exit->length);
    td->l2.world.event =
        VMCB_EVENT_VALID | VMCB_EVENT_SOFT | (exit->qualification & VMX_EVENT_VECTOR);
}

typedef void handler(struct td *td, const struct vm_exit *exit);

/* All others go to L1. */
static handler *const handlers[EXIT_REASONS] = {
    [VMX_EXIT_EXCEPTION] = l2_exception,
    [VMX_EXIT_EXTERNAL_INTERRUPT] = l2_interrupt,
    [VMX_EXIT_INTERRUPT_WINDOW] = l2_resume,
    [VMX_EXIT_CR_ACCESS] = l2_cr_access,
    [VMX_EXIT_RDMSR] = l2_rdmsr,
    [VMX_EXIT_WRMSR] = l2_wrmsr,
    [VMX_EXIT_EPT_VIOLATION] = l2_ept_violation,
    [VMX_EXIT_XSETBV] = l2_xsetbv,
    [VMX_EXIT_TDCALL] = l2_tdcall,
};

void l2_exit(struct td *td, const struct vm_exit *exit)
{
    if (exit->reason == EXIT_BAD_VMCB)
        td_error(td, "the processor refused L2's state, exit code %lx",
                 td->l2.world.vmcb->exit_code);
    if (exit->reason == EXIT_SOFT_INT) {
        l2_soft_int(td, exit);
        return;
    }
    if (exit->reason == EXIT_UNDEFINED) {
        l2_undefined(td, exit);
        return;
    }
    handler *serve = handlers[exit->reason];
    if (serve)
        serve(td, exit);
    else
        to_l1(td, exit);
}
