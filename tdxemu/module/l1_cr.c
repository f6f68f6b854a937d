/* CR accesses of L1 (td_other_exits.c, td_cr_access_exit). CR8 is the TPR of the TD VAPIC page. */
#include "abi/x86.h"
#include "module/cr.h"
#include "module/l1_exits.h"
#include "module/l1_ve.h"

#define LMSW_BITS 0xeULL

static enum cr_write write_cr0(struct world *world, uint64_t value)
{
    const struct vmcb *vmcb = world->vmcb;
    if (vmcb->cr0 & X86_CR0_PG && !(value & X86_CR0_PG) && world_in_64bit_mode(world))
        return CR_FAULT;
    enum cr_write result = cr0_check(value, vmcb->cr4, vmcb->efer, false);
    if (result == CR_DONE)
        world_set_cr0(world, (value & ~CR0_KEPT) | (vmcb->cr0 & CR0_KEPT) | X86_CR0_ET);
    return result;
}

static enum cr_write write_cr4(struct world *world, uint64_t value)
{
    enum cr_write result = cr4_check(value, world->vmcb->efer);
    if (result == CR_DONE)
        world->vmcb->cr4 = value;
    return result;
}

static enum cr_write write_cr8(struct td *td, uint64_t value)
{
    if (value > 15)
        return CR_FAULT;
    vapic_set_tpr(&td->vapic, (uint8_t)(value << 4));
    return CR_DONE;
}

static enum cr_write move_to(struct td *td, unsigned number, uint64_t value)
{
    switch (number) {
    case 0:
        return write_cr0(&td->l1, value);
    case 4:
        return write_cr4(&td->l1, value);
    case 8:
        return write_cr8(td, value);
    default:
        return CR_FAULT;
    }
}

void l1_cr_access(struct td *td, const struct vm_exit *exit)
{
    struct world *world = &td->l1;
    unsigned number = (unsigned)exit->qualification & CR_QUAL_NUMBER;
    unsigned gpr = (unsigned)(exit->qualification >> CR_QUAL_GPR_SHIFT) & 15U;
    uint64_t cr0 = world->vmcb->cr0;
    enum cr_write result = CR_DONE;
    switch (exit->qualification >> CR_QUAL_TYPE_SHIFT & 3U) {
    case CR_QUAL_TO:
        result = move_to(td, number, world->gpr[gpr]);
        break;
    case CR_QUAL_FROM: /* only CR8 is intercepted */
        world->gpr[gpr] = vapic_tpr(&td->vapic) >> 4;
        break;
    case CR_QUAL_CLTS:
        world->vmcb->cr0 = cr0 & ~X86_CR0_TS;
        break;
    default:
        world->vmcb->cr0 =
            (cr0 & ~LMSW_BITS) | (exit->qualification >> CR_QUAL_LMSW_SHIFT & LMSW_BITS);
    }
    if (result == CR_FAULT)
        world_exception_error(world, VECTOR_GP, 0);
    else if (result == CR_NON_ARCH)
        l1_inject_ve(td, exit);
    else
        world_advance(world, exit->length);
}
