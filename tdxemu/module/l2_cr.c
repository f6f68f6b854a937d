/* CR accesses of L2 (td_l2_cr_access_exit() of vm_exits_l2/td_l2_other_exits.c). */
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/cr.h"
#include "module/l2_controls.h"
#include "module/l2_cr4.h"
#include "module/l2_exits.h"

#define VM            1U
#define CR3_TARGETS   0x400aU
#define CR3_TARGET0   0x6008U
#define CR3_NO_FLUSH  (1ULL << 63)
#define TPR_THRESHOLD 0x401cU
#define LMSW_BITS     0xfULL

/* A control register with what its mask makes of it: L1's bits, and the module's as well. */
struct masked {
    uint64_t value, mask, shadow, l1_mask, l1_shadow;
};

static struct masked cr0_of(const struct td *td)
{
    const struct metadata *m = &td->metadata;
    return (struct masked){td->l2.world.vmcb->cr0, metadata_vmcs(m, VM, VMCS_CR0_MASK),
                           metadata_vmcs(m, VM, VMCS_CR0_SHADOW),
                           m->values[SLOT_TDVPS_SHADOW_CR0_GUEST_HOST_MASK + VM],
                           m->values[SLOT_TDVPS_SHADOW_CR0_READ_SHADOW + VM]};
}

static struct masked cr4_of(const struct td *td)
{
    const struct metadata *m = &td->metadata;
    return (struct masked){l2_cr4(&td->l2), metadata_vmcs(m, VM, VMCS_CR4_MASK),
                           metadata_vmcs(m, VM, VMCS_CR4_SHADOW),
                           m->values[SLOT_TDVPS_SHADOW_CR4_GUEST_HOST_MASK + VM],
                           m->values[SLOT_TDVPS_SHADOW_CR4_READ_SHADOW + VM]};
}

static bool l1_wants(const struct masked *cr, uint64_t value)
{
    return (value ^ cr->l1_shadow) & cr->l1_mask;
}

static bool exits(const struct masked *cr, uint64_t value)
{
    return (value ^ cr->shadow) & cr->mask;
}

static uint64_t read_masked(const struct masked *cr)
{
    return (cr->value & ~cr->mask) | (cr->shadow & cr->mask);
}

enum outcome {
    DONE,
    FAULT,
    TO_L1
};

static enum outcome outcome_of(enum cr_write result)
{
    return result == CR_DONE ? DONE : result == CR_FAULT ? FAULT : TO_L1;
}

/* Without an exit the processor itself checks, and leaves owned bits as they are. */
static enum outcome write_cr0(struct td *td, uint64_t value)
{
    struct world *world = &td->l2.world;
    struct masked cr = cr0_of(td);
    if (l1_wants(&cr, value))
        return TO_L1;
    uint64_t wanted = exits(&cr, value) ? (value & ~CR0_KEPT) | (cr.value & CR0_KEPT)
                                        : (value & ~cr.mask) | (cr.value & cr.mask);
    if (cr.value & X86_CR0_PG && !(wanted & X86_CR0_PG) && world_in_64bit_mode(world))
        return FAULT;
    enum cr_write result = cr0_check(wanted, world->vmcb->cr4, world->vmcb->efer, true);
    if (result == CR_DONE)
        world_set_cr0(world, wanted | X86_CR0_ET);
    return outcome_of(result);
}

static enum outcome write_cr4(struct td *td, uint64_t value)
{
    struct vmcb *vmcb = td->l2.world.vmcb;
    struct masked cr = cr4_of(td);
    if (l1_wants(&cr, value))
        return TO_L1;
    if (exits(&cr, value)) /* of a bit that is the module's: never allowed */
        return cr4_check(value, vmcb->efer) == CR_FAULT ? FAULT : TO_L1;
    uint64_t wanted = ((value & ~cr.mask) | (cr.value & cr.mask)) & ~X86_CR4_VMXE;
    enum cr_write result = cr4_check(wanted, vmcb->efer);
    if (result == CR_DONE)
        l2_cr4_set(&td->l2, wanted);
    return outcome_of(result);
}

/* CR3-load exiting with its targets (SDM volume 3C, 26.1.3). */
static enum outcome write_cr3(struct td *td, uint64_t value)
{
    const struct metadata *m = &td->metadata;
    uint64_t count = metadata_vmcs(m, VM, CR3_TARGETS);
    for (uint32_t i = 0; i < count && i < 4; i++) {
        if (metadata_vmcs(m, VM, CR3_TARGET0 + 2 * i) != value)
            continue;
        td->l2.world.vmcb->cr3 = value & ~CR3_NO_FLUSH;
        return DONE;
    }
    return TO_L1;
}

static bool proc_control(const struct td *td, uint32_t bit)
{
    return metadata_vmcs(&td->metadata, VM, VMCS_PROC_CONTROLS) & bit;
}

static enum outcome write_cr8(struct td *td, uint64_t value)
{
    if (proc_control(td, PROC_CR8_LOAD))
        return TO_L1;
    if (value > 15)
        return FAULT;
    vapic_set_tpr(&td->l2.vapic, (uint8_t)(value << 4));
    return DONE;
}

static enum outcome move_to(struct td *td, unsigned number, uint64_t value)
{
    switch (number) {
    case 0:
        return write_cr0(td, value);
    case 3:
        return write_cr3(td, value);
    case 4:
        return write_cr4(td, value);
    case 8:
        return write_cr8(td, value);
    default:
        return TO_L1;
    }
}

static enum outcome move_from(struct td *td, unsigned number, uint64_t *value)
{
    struct masked cr0 = cr0_of(td);
    struct masked cr4 = cr4_of(td);
    if (number == 0)
        *value = read_masked(&cr0);
    else if (number == 4)
        *value = read_masked(&cr4);
    else if (number == 8 && !proc_control(td, PROC_CR8_STORE))
        *value = (uint64_t)vapic_tpr(&td->l2.vapic) >> 4;
    else
        return TO_L1;
    return DONE;
}

static enum outcome clear_ts(struct td *td)
{
    struct masked cr = cr0_of(td);
    if (!(cr.mask & X86_CR0_TS))
        td->l2.world.vmcb->cr0 &= ~X86_CR0_TS;
    else if (cr.shadow & X86_CR0_TS)
        return TO_L1;
    return DONE;
}

/* PE can be set by LMSW, not cleared. */
static enum outcome lmsw(struct td *td, uint64_t source)
{
    struct masked cr = cr0_of(td);
    uint64_t seen = read_masked(&cr);
    return write_cr0(td, (seen & ~(LMSW_BITS & ~X86_CR0_PE)) | (source & LMSW_BITS));
}

static enum outcome serve(struct td *td, uint64_t qualification)
{
    unsigned number = (unsigned)qualification & CR_QUAL_NUMBER;
    uint64_t *gpr = &td->l2.world.gpr[qualification >> CR_QUAL_GPR_SHIFT & 15U];
    switch (qualification >> CR_QUAL_TYPE_SHIFT & 3U) {
    case CR_QUAL_TO:
        return move_to(td, number, *gpr);
    case CR_QUAL_FROM:
        return move_from(td, number, gpr);
    case CR_QUAL_CLTS:
        return clear_ts(td);
    default:
        return lmsw(td, qualification >> CR_QUAL_LMSW_SHIFT);
    }
}

static bool below_threshold(const struct td *td, const struct vm_exit *exit)
{
    return (exit->qualification & CR_QUAL_NUMBER) == 8 && !td->l2.virtual_delivery &&
           vapic_tpr(&td->l2.vapic) >> 4 < (metadata_vmcs(&td->metadata, VM, TPR_THRESHOLD) & 15U);
}

void l2_cr_access(struct td *td, const struct vm_exit *exit)
{
    struct world *world = &td->l2.world;
    switch (serve(td, exit->qualification)) {
    case TO_L1:
        l2_to_l1(td, exit, TDX_SUCCESS, 0);
        return;
    case FAULT:
        world_exception_error(world, VECTOR_GP, 0);
        return;
    case DONE:
    default:
        world_advance(world, exit->length);
    }
    if (below_threshold(td, exit))
        l2_to_l1_plain(td, VMX_EXIT_TPR_THRESHOLD, TDX_SUCCESS);
}
