#include "svm/world.h"

#include <string.h>

#include "abi/x86.h"
#include "boot/cpu.h"
#include "boot/memory.h"

#define HOST_SAVE_BYTES 4096
#define IOPM_BYTES      12288
#define MSRPM_BYTES     8192
#define RFLAGS_RESUME   0x10000ULL

/* svm/run.S */
void svm_run(uint64_t vmcb_hpa, uint64_t gpr[L2_REGISTERS], uint64_t shadow);

static uint8_t *iopm;

void svm_init(void)
{
    msr_write(MSR_VM_HSAVE_PA, memory_hpa(memory_take(HOST_SAVE_BYTES)));
    iopm = memory_take(IOPM_BYTES);
    memset(iopm, 0xff, IOPM_BYTES);
}

void world_init(struct world *world, struct npt npt, uint32_t asid)
{
    struct vmcb *vmcb = memory_take(sizeof *vmcb);
    world->vmcb = vmcb;
    world->msrpm = memory_take(MSRPM_BYTES);
    memset(world->msrpm, 0xff, MSRPM_BYTES);
    vmcb->iopm = memory_hpa(iopm);
    vmcb->msrpm = memory_hpa(world->msrpm);
    vmcb->asid = asid;
    vmcb->int_ctl = VMCB_INT_MASKING;
    vmcb->nested_control = VMCB_NESTED_PAGING;
    vmcb->nested_cr3 = npt_hpa(npt);
    vmcb->dr6 = 0xffff0ff0;
}

/* APM volume 2, 15.11: three ranges of 8192 MSRs, two bits each. */
static bool msrpm_bit(uint32_t msr, uint32_t *bit)
{
    if (msr < 0x2000)
        *bit = msr * 2;
    else if (msr >= 0xc0000000U && msr < 0xc0002000U)
        *bit = (0x2000 + (msr & 0x1fff)) * 2;
    else if (msr >= 0xc0010000U && msr < 0xc0012000U)
        *bit = (0x4000 + (msr & 0x1fff)) * 2;
    else
        return false;
    return true;
}

void world_msr_intercept(struct world *world, uint32_t msr, bool write, bool intercept)
{
    uint32_t bit;
    if (!msrpm_bit(msr, &bit))
        return;
    uint8_t mask = (uint8_t)(1U << (bit % 8 + (write ? 1 : 0)));
    uint8_t *byte = &world->msrpm[bit / 8];
    *byte = (uint8_t)(intercept ? *byte | mask : *byte & ~mask);
}

static uint32_t with_bit(uint32_t word, unsigned bit, bool on)
{
    return on ? word | 1U << bit : word & ~(1U << bit);
}

void world_intercept(struct world *world, uint32_t code, bool on)
{
    struct vmcb *vmcb = world->vmcb;
    unsigned bit = code & 15U;
    if (code < SVM_EXIT_CR_WRITE)
        vmcb->intercept_cr_read = (uint16_t)with_bit(vmcb->intercept_cr_read, bit, on);
    else if (code < SVM_EXIT_DR_READ)
        vmcb->intercept_cr_write = (uint16_t)with_bit(vmcb->intercept_cr_write, bit, on);
    else if (code < SVM_EXIT_DR_WRITE)
        vmcb->intercept_dr_read = (uint16_t)with_bit(vmcb->intercept_dr_read, bit, on);
    else if (code < SVM_EXIT_EXCEPTION)
        vmcb->intercept_dr_write = (uint16_t)with_bit(vmcb->intercept_dr_write, bit, on);
    else if (code < SVM_EXIT_INTR)
        vmcb->intercept_exceptions = with_bit(vmcb->intercept_exceptions, code & 31U, on);
    else
        vmcb->intercept[(code - SVM_EXIT_INTR) / 32] =
            with_bit(vmcb->intercept[(code - SVM_EXIT_INTR) / 32], code & 31U, on);
}

void world_run(struct world *world)
{
    struct vmcb *vmcb = world->vmcb;
    vmcb->rax = world->gpr[L2_RAX];
    vmcb->rsp = world->gpr[L2_RSP];
    vmcb->event_injection = world->event;
    world->event = 0;
    svm_run(memory_hpa(vmcb), world->gpr, vmcb->int_state & VMCB_SHADOW);
    world->gpr[L2_RAX] = vmcb->rax;
    world->gpr[L2_RSP] = vmcb->rsp;
}

void world_switch(struct world *from, struct world *to)
{
    svm_vmsave(memory_hpa(from->vmcb));
    to->vmcb->star = from->vmcb->star;
    to->vmcb->lstar = from->vmcb->lstar;
    to->vmcb->cstar = from->vmcb->cstar;
    to->vmcb->sfmask = from->vmcb->sfmask;
    to->vmcb->kernel_gs_base = from->vmcb->kernel_gs_base;
    to->vmcb->cr2 = from->vmcb->cr2;
    to->vmcb->dr6 = from->vmcb->dr6;
    from->vmcb->pat = msr_read(MSR_PAT);
    if (to->vmcb->pat != from->vmcb->pat)
        msr_write(MSR_PAT, to->vmcb->pat);
    svm_vmload(memory_hpa(to->vmcb));
}

/* SDM volume 3A, 4.1.2: LMA = LME and PG. */
void world_set_cr0(struct world *world, uint64_t cr0)
{
    struct vmcb *vmcb = world->vmcb;
    vmcb->cr0 = cr0;
    if (cr0 & X86_CR0_PG && vmcb->efer & X86_EFER_LME)
        vmcb->efer |= X86_EFER_LMA;
    else
        vmcb->efer &= ~X86_EFER_LMA;
}

void world_advance(struct world *world, unsigned length)
{
    struct vmcb *vmcb = world->vmcb;
    vmcb->rip += length;
    if (!world_in_64bit_mode(world))
        vmcb->rip &= UINT32_MAX;
    vmcb->int_state &= ~(uint64_t)VMCB_SHADOW;
    vmcb->rflags &= ~RFLAGS_RESUME;
}

void world_exception(struct world *world, unsigned vector)
{
    world->event = VMCB_EVENT_VALID | VMCB_EVENT_EXCEPTION | vector;
}

void world_exception_error(struct world *world, unsigned vector, uint32_t error)
{
    world->event =
        (uint64_t)error << 32 | VMCB_EVENT_VALID | VMCB_EVENT_ERROR | VMCB_EVENT_EXCEPTION | vector;
}
