#include "module/l1_reset.h"

#include "abi/tdx_tdcall.h"
#include "abi/x86.h"
#include "module/cpuid.h"
#include "module/msr.h"
#include "module/pages.h"

#define L1_ASID   1U
#define GPA_WIDTH 48U
#define PAT_RESET 0x0007040600070406ULL
#define DR7_RESET 0x400U

/* Attributes as VMCB has them: VMX access rights, bits 15:12 moved to 11:8. */
static const struct vmcb_segment segments[SEGMENTS] = {
    [SEGMENT_ES] = {0, 0xc93, UINT32_MAX, 0}, [SEGMENT_CS] = {0, 0xc9b, UINT32_MAX, 0},
    [SEGMENT_SS] = {0, 0xc93, UINT32_MAX, 0}, [SEGMENT_DS] = {0, 0xc93, UINT32_MAX, 0},
    [SEGMENT_FS] = {0, 0xc93, UINT32_MAX, 0}, [SEGMENT_GS] = {0, 0xc93, UINT32_MAX, 0},
    [SEGMENT_GDTR] = {0, 0, UINT16_MAX, 0},   [SEGMENT_LDTR] = {0, 0, UINT16_MAX, 0},
    [SEGMENT_IDTR] = {0, 0, UINT16_MAX, 0},   [SEGMENT_TR] = {0, 0x8b, UINT16_MAX, 0},
};

static const uint32_t intercepts[] = {
    SVM_EXIT_INTR,         SVM_EXIT_NMI,
    SVM_EXIT_INIT,         SVM_EXIT_RDPMC,
    SVM_EXIT_CPUID,        SVM_EXIT_RSM,
    SVM_EXIT_INVD,         SVM_EXIT_HLT,
    SVM_EXIT_INVLPGA,      SVM_EXIT_IOIO,
    SVM_EXIT_MSR,          SVM_EXIT_SHUTDOWN,
    SVM_EXIT_VMRUN,        SVM_EXIT_VMMCALL,
    SVM_EXIT_VMLOAD,       SVM_EXIT_VMSAVE,
    SVM_EXIT_STGI,         SVM_EXIT_CLGI,
    SVM_EXIT_SKINIT,       SVM_EXIT_WBINVD,
    SVM_EXIT_MONITOR,      SVM_EXIT_MWAIT,
    SVM_EXIT_XSETBV,       SVM_EXIT_CR_WRITE + 0,
    SVM_EXIT_CR_WRITE + 4, SVM_EXIT_CR_WRITE + 8,
    SVM_EXIT_CR_READ + 8,  SVM_EXIT_EXCEPTION + VECTOR_UD,
};

static void pass_msrs(struct world *world)
{
    for (uint32_t i = 0; i < MSR_RANGE; i++)
        for (unsigned write = 0; write < 2; write++) {
            msr_apply_policy(world, i, write, false);
            msr_apply_policy(world, MSR_RANGE_HIGH + i, write, false);
        }
}

/*
 * CR4.PAE is set where the TDX module has it clear: QEMU 7.2 leaves tdxemu unpaged when it exits
 * from LME without PAE and PG. CR4.VMXE is the module's alone.
 */
static void reset_vmcb(struct vmcb *vmcb)
{
    for (unsigned i = 0; i < SEGMENTS; i++)
        vmcb->segment[i] = segments[i];
    vmcb->cr0 = X86_CR0_PE | X86_CR0_NE | X86_CR0_ET;
    vmcb->cr4 = X86_CR4_MCE | X86_CR4_PAE;
    vmcb->efer = X86_EFER_SVME | X86_EFER_SCE | X86_EFER_LME | X86_EFER_NXE;
    vmcb->rip = TD_RESET_RIP;
    vmcb->rflags = X86_RFLAGS_FIXED;
    vmcb->dr7 = DR7_RESET;
    vmcb->pat = PAT_RESET;
}

void l1_reset(struct td *td, uint64_t hob)
{
    struct world *world = &td->l1;
    world_init(world, pages_l1(), L1_ASID);
    for (unsigned i = 0; i < sizeof intercepts / sizeof *intercepts; i++)
        world_intercept(world, intercepts[i], true);
    pass_msrs(world);
    reset_vmcb(world->vmcb);
    world->gpr[L2_RBX] = GPA_WIDTH;
    world->gpr[L2_RCX] = hob;
    world->gpr[L2_R8] = hob;
    world->gpr[L2_RDX] = CPUID_SIGNATURE;
}
