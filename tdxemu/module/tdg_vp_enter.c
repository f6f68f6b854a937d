/* src/td_transitions/tdg_vp_enter.c: the checks are in its order. */
#include <string.h>

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/l2_controls.h"
#include "module/l2_exits.h"
#include "module/l2_state.h"
#include "module/l2_vmcs.h"
#include "module/page_info.h"
#include "module/tdcall.h"

#define VM           1U
#define STATE_ALIGN  256U
#define FLUSH_MASK   3ULL
#define VM_OF(flags) ((flags) >> TDX_ENTER_VM_SHIFT & 3U)
#define VM_MASK      (3ULL << TDX_ENTER_VM_SHIFT)
#define UNSET        UINT64_MAX
#define PRIVILEGED   5U /* event type of INT1 */

static uint64_t check_operands(const struct td *td)
{
    uint64_t flags = td->l1.gpr[L2_RCX];
    uint64_t gpa = td->l1.gpr[L2_RDX];
    if (gpa % STATE_ALIGN || !gpa_is_private(gpa))
        return TDX_OPERAND_INVALID | TDX_OPERAND_RDX;
    if (VM_OF(flags) != VM || flags & ~(FLUSH_MASK | VM_MASK))
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    if (metadata_vmcs(&td->metadata, VM, VMCS_VIRTUAL_APIC) == UNSET)
        return TDX_OPERAND_INVALID | TDX_OPERAND_L2_VAPIC_GPA;
    return vapic_pending(&td->vapic) ? TDX_PENDING_INTERRUPT : TDX_SUCCESS;
}

/* The host has mapped all that the TD has, so a page that is missing is the TD's own fault. */
static void *page_of(const struct td *td, uint64_t gpa, uint64_t length, const char *what)
{
    void *page = pages_mapped(gpa, length);
    if (!page)
        td_error(td, "%s at GPA %lx is not an accepted private page", what, gpa);
    return page;
}

static void load_state(struct td *td, const struct l2_enter_guest_state *state)
{
    struct world *world = &td->l2.world;
    memcpy(world->gpr, state->gpr, sizeof world->gpr);
    world->vmcb->rflags = state->rflags;
    world->vmcb->rip = state->rip;
    td->l2.vapic.rvi = state->rvi;
    td->l2.vapic.svi = state->svi;
    vapic_update_ppr(&td->l2.vapic);
}

/* VM entry pushes the address behind a software interrupt or exception. */
static void load_event(struct td *td)
{
    const struct metadata *m = &td->metadata;
    uint32_t info = (uint32_t)metadata_vmcs(m, VM, VMCS_ENTRY_INTERRUPTION_INFO);
    uint32_t error = (uint32_t)metadata_vmcs(m, VM, VMCS_ENTRY_EXCEPTION_ERROR);
    uint64_t length = metadata_vmcs(m, VM, VMCS_ENTRY_INSTRUCTION_LENGTH);
    unsigned type = (info & VMX_EVENT_TYPE_MASK) >> VMX_EVENT_TYPE_SHIFT;
    struct world *world = &td->l2.world;
    if (!(info & VMX_EVENT_VALID))
        return;
    if (type >= VMX_EVENT_SOFT_INT)
        world->vmcb->rip += length;
    if (type == PRIVILEGED || type == VMX_EVENT_SOFT_EXCEPT)
        type = VMX_EVENT_EXCEPTION;
    world->event =
        VMCB_EVENT_VALID | (uint64_t)type << VMX_EVENT_TYPE_SHIFT | (info & VMX_EVENT_VECTOR);
    if (info & VMX_EVENT_ERROR_CODE)
        world->event |= VMCB_EVENT_ERROR | (uint64_t)error << 32;
}

/* Loads what L1 has changed since the last exit, and L2's registers. */
static bool load(struct td *td, const struct l2_enter_guest_state *state)
{
    struct l2_entry_state entry = {state->rip, state->rflags};
    if (metadata_dirty(&td->metadata) & METADATA_DIRTY_GUEST)
        l2_vmcs_load(td);
    load_state(td, state);
    l2_controls_load(td);
    return l2_state_valid(&td->metadata, &entry);
}

uint64_t tdg_vp_enter(struct td *td)
{
    uint64_t status = check_operands(td);
    uint64_t gpa = td->l1.gpr[L2_RDX];
    struct l2_enter_guest_state state;
    if (status != TDX_SUCCESS)
        return status;
    memcpy(&state, page_of(td, gpa, sizeof state, "L2_ENTER_GUEST_STATE"), sizeof state);
    uint64_t vapic = metadata_vmcs(&td->metadata, VM, VMCS_VIRTUAL_APIC);
    td->l2.vapic.page = page_of(td, vapic, VAPIC_BYTES, "L2's virtual APIC page");
    td->l2.state_gpa = gpa;
    bool valid = load(td, &state);
    world_switch(&td->l1, &td->l2.world);
    td->in_l2 = true;
    if (valid) {
        load_event(td);
        return TDX_SUCCESS;
    }
    l2_to_l1_plain(td, VMX_EXIT_ENTRY_FAILURE | VMX_EXIT_INVALID_STATE, TDX_SUCCESS);
    return td->l1.gpr[L2_RAX];
}
