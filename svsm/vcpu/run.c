/*
 * The run loop: what is due is done, L2 is entered, its exit is answered.
 *
 * Interrupts are off but in interrupts_window(), so one that comes anywhere else makes the next
 * entry fail with TDX_PENDING_INTERRUPT rather than be lost.
 */
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "arch/cpu.h"
#include "arch/fatal.h"
#include "arch/idt.h"
#include "arch/print.h"
#include "exits/exits.h"
#include "irq/irq.h"
#include "irq/l2_apic.h"
#include "pci/pci.h"
#include "tdx/ghci.h"
#include "track/track.h"
#include "vcpu/vcpu.h"
#include "vcpu/vmcs.h"

static void take_interrupts(void)
{
    uint8_t vector;

    interrupts_window();
    while (interrupt_take(&vector))
        irq_arrived(vector);
}

/* TDVPS.TSC_DEADLINE ends L2's turn at the next scan or at its own timer, whichever is first. */
static void set_deadline(struct vcpu *vcpu)
{
    uint64_t scan = track_deadline();
    uint64_t timer = l2_apic_deadline();
    uint64_t deadline = scan < timer ? scan : timer;

    if (deadline == vcpu->deadline)
        return;
    vp_write(TDVPS_TSC_DEADLINE(L2_VM), deadline);
    vcpu->deadline = deadline;
}

/* The fields beside the information matter to the events that have them: each is a TDCALL. */
static void set_event(const struct vcpu_event *event)
{
    uint32_t type = (event->info & VMX_EVENT_TYPE_MASK) >> VMX_EVENT_TYPE_SHIFT;

    if (event->info == 0)
        return;
    if ((event->info & VMX_EVENT_ERROR_CODE) != 0)
        vmcs_write(VMCS_ENTRY_EXCEPTION_ERROR, event->error);
    if (type >= VMX_EVENT_SOFT_INT)
        vmcs_write(VMCS_ENTRY_INSTRUCTION_LENGTH, event->length);
    vmcs_write(VMCS_ENTRY_INTERRUPTION_INFO, event->info);
}

/* Asleep until L2 has an interrupt to wake it: the host's timer is armed for L2's own only. */
static void wait(struct vcpu *vcpu)
{
    uint64_t start = tsc_read();

    while (!l2_apic_deliverable()) {
        irq_arm_timer(l2_apic_deadline());
        ghci_hlt(false);
        take_interrupts();
        l2_apic_expire(tsc_read());
    }
    vcpu->halted = false;
    vcpu->counters.idle_ticks += tsc_read() - start;
}

/* True: L2 ran. The event was then delivered, or is told by the IDT-vectoring information. */
static bool enter(struct vcpu *vcpu)
{
    uint64_t start = tsc_read();

    tdx_vp_enter(L2_VM, vcpu->flush, vcpu->state, &vcpu->exit);
    if (TDX_STATUS_CODE(vcpu->exit.status) == TDX_PENDING_INTERRUPT)
        return false;
    if ((vcpu->exit.status & TDX_ERROR_BIT) != 0)
        fatal("L2 cannot be entered: status %lx", vcpu->exit.status);
    vcpu->counters.l2_ticks += tsc_read() - start;
    vcpu->counters.exits++;
    vcpu->flush = TDX_ENTER_FLUSH_NONE;
    vcpu->event = (struct vcpu_event){0};
    return true;
}

/* An event whose delivery the exit cut short is delivered again. */
static void keep_event(struct vcpu *vcpu)
{
    uint32_t info = (uint32_t)vcpu->exit.idt_vectoring;

    if ((info & VMX_EVENT_VALID) == 0)
        return;
    vcpu->event = (struct vcpu_event){.info = info,
                                      .error = (uint32_t)(vcpu->exit.idt_vectoring >> 32),
                                      .length = (uint32_t)(vcpu->exit.instruction >> 32)};
}

static void track(struct vcpu *vcpu, uint64_t ran)
{
    uint64_t now = tsc_read();

    track_ran(ran);
    if (now < track_deadline())
        return;
    const struct track_vcpu seen = {.cr3 = gpa(vmcs_read(VMCS_GUEST_CR3)),
                                    .la57 = (vmcs_read(VMCS_GUEST_CR4) & X86_CR4_LA57) != 0,
                                    .cpl = (unsigned)(vcpu->exit.cpl & 3),
                                    .lstar = gva(msr_read(MSR_LSTAR)),
                                    .now = now};
    track_exit(&seen);
    vcpu->counters.track_ticks += tsc_read() - now;
}

static void turn(struct vcpu *vcpu)
{
    uint64_t ran = vcpu->counters.l2_ticks;

    take_interrupts();
    l2_apic_expire(tsc_read());
    if (vcpu->halted)
        wait(vcpu);
    set_deadline(vcpu);
    set_event(&vcpu->event);
    if (!enter(vcpu))
        return;
    keep_event(vcpu);
    track(vcpu, vcpu->counters.l2_ticks - ran);
    exit_dispatch(vcpu);
}

_Noreturn void vcpu_run(struct vcpu *vcpu)
{
    for (;;)
        turn(vcpu);
}

_Noreturn void vcpu_power_off(struct vcpu *vcpu)
{
    const struct vcpu_counters *seen = &vcpu->counters;
    uint64_t others = seen->l2_ticks + seen->track_ticks + seen->idle_ticks;
    const struct track_totals totals = {.exits = seen->exits,
                                        .l2_ticks = seen->l2_ticks,
                                        .base_ticks = tsc_read() - seen->start - others,
                                        .track_ticks = seen->track_ticks,
                                        .idle_ticks = seen->idle_ticks,
                                        .interrupts_dropped = irq_dropped()};

    track_summary(&totals);
    pci_power_off();
    for (;;)
        ghci_hlt(true);
}
