#include "module/l2_controls.h"

#include "abi/tdx_fields.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/l2_cr4.h"
#include "module/pages.h"

#define VM            1U
#define DEBUG_REGS    8U
#define BREAKPOINTS   (1U << VECTOR_BP | 1U << 4)
#define ALWAYS_EXCEPT (1U << VECTOR_UD)

static const uint32_t always[] = {
    SVM_EXIT_INTR,         SVM_EXIT_NMI,          SVM_EXIT_INIT,         SVM_EXIT_CPUID,
    SVM_EXIT_RSM,          SVM_EXIT_INVD,         SVM_EXIT_HLT,          SVM_EXIT_INVLPGA,
    SVM_EXIT_IOIO,         SVM_EXIT_MSR,          SVM_EXIT_SHUTDOWN,     SVM_EXIT_VMRUN,
    SVM_EXIT_VMMCALL,      SVM_EXIT_VMLOAD,       SVM_EXIT_VMSAVE,       SVM_EXIT_STGI,
    SVM_EXIT_CLGI,         SVM_EXIT_SKINIT,       SVM_EXIT_WBINVD,       SVM_EXIT_XSETBV,
    SVM_EXIT_CR_WRITE + 0, SVM_EXIT_CR_WRITE + 4, SVM_EXIT_CR_WRITE + 8, SVM_EXIT_CR_READ + 8,
};

struct control {
    uint32_t bit;
    uint32_t exit_code;
};

static const struct control processor[] = {
    {PROC_INVLPG, SVM_EXIT_INVLPG},         {PROC_MWAIT, SVM_EXIT_MWAIT},
    {PROC_RDPMC, SVM_EXIT_RDPMC},           {PROC_RDTSC, SVM_EXIT_RDTSC},
    {PROC_RDTSC, SVM_EXIT_RDTSCP},          {PROC_CR3_LOAD, SVM_EXIT_CR_WRITE + 3},
    {PROC_CR3_STORE, SVM_EXIT_CR_READ + 3}, {PROC_MONITOR, SVM_EXIT_MONITOR},
    {PROC_PAUSE, SVM_EXIT_PAUSE},
};

static const struct control secondary[] = {
    {PROC2_DESCRIPTORS, SVM_EXIT_IDTR_READ},  {PROC2_DESCRIPTORS, SVM_EXIT_GDTR_READ},
    {PROC2_DESCRIPTORS, SVM_EXIT_LDTR_READ},  {PROC2_DESCRIPTORS, SVM_EXIT_TR_READ},
    {PROC2_DESCRIPTORS, SVM_EXIT_IDTR_WRITE}, {PROC2_DESCRIPTORS, SVM_EXIT_GDTR_WRITE},
    {PROC2_DESCRIPTORS, SVM_EXIT_LDTR_WRITE}, {PROC2_DESCRIPTORS, SVM_EXIT_TR_WRITE},
};

static void apply(struct world *world, const struct control *controls, unsigned count,
                  uint32_t value)
{
    for (unsigned i = 0; i < count; i++)
        world_intercept(world, controls[i].exit_code, value & controls[i].bit);
}

static void load_debug_registers(struct world *world, bool exiting)
{
    for (unsigned i = 0; i < DEBUG_REGS; i++) {
        world_intercept(world, SVM_EXIT_DR_READ + i, exiting);
        world_intercept(world, SVM_EXIT_DR_WRITE + i, exiting);
    }
}

/*
 * INT3 is met by the intercept of INT n alone, and TDCALL is #UD to SVM. #PF is intercepted
 * whenever some error code could exit (SDM volume 3C, 25.2).
 */
static void load_exceptions(struct world *world, const struct metadata *m)
{
    uint32_t bitmap = (uint32_t)metadata_vmcs(m, VM, VMCS_EXCEPTION_BITMAP);
    uint32_t match = (uint32_t)metadata_vmcs(m, VM, VMCS_PF_ERROR_MATCH);
    uint32_t vectors = (bitmap & ~BREAKPOINTS) | ALWAYS_EXCEPT;
    if (!(bitmap & 1U << VECTOR_PF) && (match || metadata_vmcs(m, VM, VMCS_PF_ERROR_MASK)))
        vectors |= 1U << VECTOR_PF;
    world->vmcb->intercept_exceptions = vectors;
    world_intercept(world, SVM_EXIT_SWINT, bitmap & 1U << VECTOR_BP);
}

/* Reads exit when they would show something else than L2 shall see. */
static void load_control_registers(struct td *td)
{
    struct world *world = &td->l2.world;
    const struct metadata *m = &td->metadata;
    uint64_t cr0 = world->vmcb->cr0 ^ metadata_vmcs(m, VM, VMCS_CR0_SHADOW);
    uint64_t cr4 = l2_cr4(&td->l2) ^ metadata_vmcs(m, VM, VMCS_CR4_SHADOW);
    bool hidden = l2_osxsave_hidden(&td->l2);
    world_intercept(world, SVM_EXIT_CR_READ + 0, cr0 & metadata_vmcs(m, VM, VMCS_CR0_MASK));
    world_intercept(world, SVM_EXIT_CR_READ + 4,
                    hidden || cr4 & metadata_vmcs(m, VM, VMCS_CR4_MASK));
}

static void load_all(struct td *td)
{
    struct world *world = &td->l2.world;
    const struct metadata *m = &td->metadata;
    uint32_t proc = (uint32_t)metadata_vmcs(m, VM, VMCS_PROC_CONTROLS);
    uint32_t proc2 = (uint32_t)metadata_vmcs(m, VM, VMCS_PROC_CONTROLS2);
    if (proc & PROC_MTF)
        td_error(td, "monitor trap flag: the TDX module has no case for it");
    for (unsigned i = 0; i < sizeof always / sizeof *always; i++)
        world_intercept(world, always[i], true);
    apply(world, processor, sizeof processor / sizeof *processor, proc);
    apply(world, secondary, sizeof secondary / sizeof *secondary, proc2);
    load_debug_registers(world, proc & PROC_MOV_DR);
    load_exceptions(world, m);
    td->l2.virtual_delivery = proc2 & VMX_PROC2_VIRTUAL_INTR;
    td->l2.window = proc & VMX_PROC_INTERRUPT_WINDOW;
    pages_l2_shared(metadata_value(m, TDVPS_L2_CTLS(1)) & TDX_L2_CTLS_SHARED_EPTP);
}

void l2_controls_load(struct td *td)
{
    if (metadata_dirty(&td->metadata) & METADATA_DIRTY_CONTROLS)
        load_all(td);
    metadata_clean(&td->metadata);
    load_control_registers(td);
}

bool l2_exception_intercepted(const struct td *td, unsigned vector, uint32_t error)
{
    const struct metadata *m = &td->metadata;
    bool bit = metadata_vmcs(m, VM, VMCS_EXCEPTION_BITMAP) >> vector & 1U;
    if (vector != VECTOR_PF)
        return bit;
    uint64_t mask = metadata_vmcs(m, VM, VMCS_PF_ERROR_MASK);
    bool match = (error & mask) == metadata_vmcs(m, VM, VMCS_PF_ERROR_MATCH);
    return match ? bit : !bit;
}
