#include "module/l1_exits.h"

#include "abi/vmx.h"
#include "abi/x86.h"
#include "boot/cpu.h"
#include "module/cpuid.h"
#include "module/l1_ve.h"
#include "module/tdcall.h"
#include "module/xcr0.h"

#define TDVPS_CPUID_SUPERVISOR_VE 0xa020000000000007ULL
#define TDVPS_CPUID_USER_VE       0xa020000000000008ULL

static void l1_tdcall(struct td *td, const struct vm_exit *exit)
{
    (void)exit;
    tdcall(td);
}

static void l1_resume(struct td *td, const struct vm_exit *exit)
{
    (void)td;
    (void)exit;
}

static void l1_undefined(struct td *td, const struct vm_exit *exit)
{
    (void)exit;
    world_exception(&td->l1, VECTOR_UD);
}

static void l1_fault(struct td *td, const struct vm_exit *exit)
{
    (void)exit;
    world_exception_error(&td->l1, VECTOR_GP, 0);
}

static void l1_triple_fault(struct td *td, const struct vm_exit *exit)
{
    (void)exit;
    td_error(td, "triple fault");
}

/* TDVPS.CPUID_SUPERVISOR_VE and CPUID_USER_VE: L1 wants to hear of every leaf. */
static bool wants_ve(const struct td *td)
{
    uint64_t field = td->l1.vmcb->cpl == 0 ? TDVPS_CPUID_SUPERVISOR_VE : TDVPS_CPUID_USER_VE;
    return metadata_value(&td->metadata, field) & 1U;
}

void l1_cpuid(struct td *td, const struct vm_exit *exit)
{
    uint64_t *gpr = td->l1.gpr;
    struct cpuid r;
    if (wants_ve(td) ||
        !cpuid_virtual((uint32_t)gpr[L2_RAX], (uint32_t)gpr[L2_RCX], td->l1.vmcb->cr4, &r)) {
        l1_inject_ve(td, exit);
        return;
    }
    gpr[L2_RAX] = r.eax;
    gpr[L2_RBX] = r.ebx;
    gpr[L2_RCX] = r.ecx;
    gpr[L2_RDX] = r.edx;
    world_advance(&td->l1, exit->length);
}

void l1_xsetbv(struct td *td, const struct vm_exit *exit)
{
    const uint64_t *gpr = td->l1.gpr;
    uint64_t value = gpr[L2_RDX] << 32 | (uint32_t)gpr[L2_RAX];
    if (!(td->l1.vmcb->cr4 & X86_CR4_OSXSAVE)) {
        l1_undefined(td, exit);
        return;
    }
    if ((uint32_t)gpr[L2_RCX] != 0 || td->l1.vmcb->cpl != 0 || !xcr0_valid(&td->metadata, value)) {
        world_exception_error(&td->l1, VECTOR_GP, 0);
        return;
    }
    xcr0_write(value);
    world_advance(&td->l1, exit->length);
}

typedef void handler(struct td *td, const struct vm_exit *exit);

/* tdx_td_dispatcher.c: what is not named here is a VMX instruction or cannot happen. */
static handler *const handlers[EXIT_REASONS] = {
    [VMX_EXIT_EXCEPTION] = l1_undefined, /* only #UD is intercepted */
    [VMX_EXIT_EXTERNAL_INTERRUPT] = l1_resume,
    [VMX_EXIT_TRIPLE_FAULT] = l1_triple_fault,
    [VMX_EXIT_INTERRUPT_WINDOW] = l1_resume,
    [VMX_EXIT_CPUID] = l1_cpuid,
    [VMX_EXIT_HLT] = l1_inject_ve,
    [VMX_EXIT_INVD] = l1_inject_ve,
    [VMX_EXIT_RDPMC] = l1_fault,
    [VMX_EXIT_VMCALL] = l1_inject_ve,
    [VMX_EXIT_CR_ACCESS] = l1_cr_access,
    [VMX_EXIT_IO] = l1_inject_ve,
    [VMX_EXIT_RDMSR] = l1_rdmsr,
    [VMX_EXIT_WRMSR] = l1_wrmsr,
    [VMX_EXIT_MWAIT] = l1_inject_ve,
    [VMX_EXIT_MONITOR] = l1_inject_ve,
    [VMX_EXIT_EPT_VIOLATION] = l1_ept_violation,
    [VMX_EXIT_WBINVD] = l1_inject_ve,
    [VMX_EXIT_XSETBV] = l1_xsetbv,
    [VMX_EXIT_TDCALL] = l1_tdcall,
};

void l1_exit(struct td *td, const struct vm_exit *exit)
{
    td_deliver_again(&td->l1, exit);
    if (exit->reason == EXIT_BAD_VMCB)
        td_error(td, "the processor refused L1's state, exit code %lx", td->l1.vmcb->exit_code);
    handler *serve = exit->reason < EXIT_REASONS ? handlers[exit->reason] : 0;
    if (serve)
        serve(td, exit);
    else
        l1_undefined(td, exit);
}
