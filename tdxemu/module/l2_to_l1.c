/* td_l2_to_l1_exit() of src/td_transitions/td_exit.c. */
#include <string.h>

#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "host/counters.h"
#include "module/l2_exits.h"
#include "module/l2_vmcs.h"
#include "module/pages.h"

#define VM 1U

/* Exit information fields of the VMCS (SDM volume 3D, appendix B). */
#define VMCS_EXIT_GPA         0x2400U
#define VMCS_EXIT_REASON      0x4402U
#define VMCS_EXIT_EVENT       0x4404U
#define VMCS_EXIT_EVENT_ERROR 0x4406U
#define VMCS_VECTORING        0x4408U
#define VMCS_VECTORING_ERROR  0x440aU
#define VMCS_EXIT_LENGTH      0x440cU
#define VMCS_EXIT_INFO        0x440eU
#define VMCS_EXIT_QUAL        0x6400U
#define VMCS_EXIT_GLA         0x640aU

static void write_state(const struct l2 *l2, struct l2_enter_guest_state *state)
{
    memcpy(state->gpr, l2->world.gpr, sizeof state->gpr);
    state->rflags = l2->world.vmcb->rflags;
    state->rip = l2->world.vmcb->rip;
    state->ssp = 0;
    state->rvi = l2->vapic.rvi;
    state->svi = l2->vapic.svi;
}

static void store_state(struct td *td)
{
    struct l2_enter_guest_state *state = pages_mapped(td->l2.state_gpa, sizeof *state);
    if (state)
        write_state(&td->l2, state);
    else
        td_error(td, "L2_ENTER_GUEST_STATE at GPA %lx is gone", td->l2.state_gpa);
}

static void store_exit_fields(struct metadata *m, const struct vm_exit *exit)
{
    metadata_vmcs_set(m, VM, VMCS_EXIT_REASON, exit->reason);
    metadata_vmcs_set(m, VM, VMCS_EXIT_QUAL, exit->qualification);
    metadata_vmcs_set(m, VM, VMCS_EXIT_GLA, exit->gla);
    metadata_vmcs_set(m, VM, VMCS_EXIT_GPA, exit->gpa);
    metadata_vmcs_set(m, VM, VMCS_EXIT_EVENT, exit->event);
    metadata_vmcs_set(m, VM, VMCS_EXIT_EVENT_ERROR, exit->event_error);
    metadata_vmcs_set(m, VM, VMCS_VECTORING, exit->vectoring);
    metadata_vmcs_set(m, VM, VMCS_VECTORING_ERROR, exit->vectoring_error);
    metadata_vmcs_set(m, VM, VMCS_EXIT_LENGTH, exit->length);
    metadata_vmcs_set(m, VM, VMCS_EXIT_INFO, exit->info);
}

/* VM exits store LMA in the control and clear the valid bit of what was injected. */
static void store_entry_fields(struct td *td, const struct vm_exit *exit)
{
    struct metadata *m = &td->metadata;
    uint64_t controls = metadata_vmcs(m, VM, VMCS_ENTRY_CONTROLS) & ~(uint64_t)VMX_ENTRY_IA32E;
    uint64_t info = metadata_vmcs(m, VM, VMCS_ENTRY_INTERRUPTION_INFO);
    if (exit->reason & VMX_EXIT_ENTRY_FAILURE)
        return;
    if (td->l2.world.vmcb->efer & X86_EFER_LMA)
        controls |= VMX_ENTRY_IA32E;
    metadata_vmcs_set(m, VM, VMCS_ENTRY_CONTROLS, controls);
    metadata_vmcs_set(m, VM, VMCS_ENTRY_INTERRUPTION_INFO, info & ~(uint64_t)VMX_EVENT_VALID);
}

static void set_l1_registers(struct td *td, const struct vm_exit *exit, uint64_t status,
                             uint64_t extended)
{
    uint64_t *gpr = td->l1.gpr;
    const struct vmcb *vmcb = td->l2.world.vmcb;
    const struct vmcb_segment *cs = &vmcb->segment[SEGMENT_CS];
    gpr[L2_RAX] = status | exit->reason;
    gpr[L2_RBX] = 0;
    gpr[L2_RCX] = exit->qualification;
    gpr[L2_RDX] = exit->gla;
    gpr[L2_RBP] = td->l2.world.gpr[L2_RBP];
    gpr[L2_RSI] = cs->selector | (uint64_t)(l2_access_rights(cs) & UINT16_MAX) << 16 |
                  (uint64_t)cs->limit << 32;
    gpr[L2_RDI] = cs->base;
    gpr[L2_R8] = exit->gpa;
    gpr[L2_R9] = exit->event | (uint64_t)exit->event_error << 32;
    gpr[L2_R10] = exit->vectoring | (uint64_t)exit->vectoring_error << 32;
    gpr[L2_R11] = exit->info | (uint64_t)exit->length << 32;
    gpr[L2_R12] = vmcb->cpl;
    gpr[L2_R13] = extended;
    gpr[L2_R14] = 0;
    gpr[L2_R15] = 0;
}

void l2_to_l1(struct td *td, const struct vm_exit *exit, uint64_t status, uint64_t extended)
{
    counter_l2_exit(exit->reason & UINT16_MAX);
    td->l2.world.event = 0;
    store_state(td);
    world_switch(&td->l2.world, &td->l1);
    td->in_l2 = false;
    if (!(exit->reason & VMX_EXIT_ENTRY_FAILURE))
        l2_vmcs_store(td);
    store_exit_fields(&td->metadata, exit);
    store_entry_fields(td, exit);
    set_l1_registers(td, exit, status, extended);
}

void l2_to_l1_plain(struct td *td, uint32_t reason, uint64_t status)
{
    const struct vm_exit exit = {.reason = reason};
    l2_to_l1(td, &exit, status, 0);
}
