#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/metadata_field.h"

#define VM 1U

/*
 * The CPU that the module finds: must-be-1 bits of IA32_VMX_TRUE_*_CTLS are the default1 class
 * less CR3-load and CR3-store exiting (SDM volume 3D, A.3 to A.5); CR0 and CR4 fixed bits are those
 * of A.7 and A.8, where CR4 may have what QEMU's "max" CPU without LA57 knows: no PCIDE.
 */
#define CPU_PIN_MUST   0x00000016U
#define CPU_PROC_MUST  0x04006172U
#define CPU_EXIT_MUST  0x00036dfbU
#define CPU_ENTRY_MUST 0x000011fbU
#define CPU_CR0_FIXED0 0x80000021ULL
#define CPU_CR0_FIXED1 0xffffffffULL
#define CPU_CR4_FIXED0 0x00002000ULL
#define CPU_CR4_FIXED1 0x01752fffULL

/* Initial controls of an L2 VMCS, and what L1 may write (src/common/x86_defs/vmcs_defs.h). */
#define PIN_INIT      (0x00000029U | CPU_PIN_MUST)
#define PROC_INIT     (0x91220088U | CPU_PROC_MUST)
#define PROC2_INIT    0x1338b3faU
#define PROC3_INIT    0x00000080ULL
#define EXIT_INIT     (0x1f3c8204U | CPU_EXIT_MUST)
#define ENTRY_INIT    (0x003ec004U | CPU_ENTRY_MUST)
#define PROC_L1_MASK  0x48d99a04U
#define PROC2_L1_MASK 0x0c513e0cU
#define PROC3_L1_MASK 0x0000000eULL
#define ENTRY_L1_MASK 0x00000200U
#define CR0_L1_MASK   0x8005001fULL
#define CR4_L1_MASK   0x03ff1fbfULL
#define CR0_L2_INIT   (X86_CR0_PE | X86_CR0_NE)
#define CR4_L2_INIT   (X86_CR4_MCE | X86_CR4_VMXE)

/* The TD has no MONITOR/MWAIT, no PERFMON, no WAITPKG and no MKTME. */
#define PROC_MWAIT    (1U << 10)
#define PROC_RDPMC    (1U << 11)
#define PROC_MONITOR  (1U << 29)
#define PROC2_WAITPKG (1U << 26)
#define PROC2_PCONFIG (1U << 27)
#define PROC_TD       (PROC_INIT | PROC_MWAIT | PROC_RDPMC | PROC_MONITOR)

#define ATTRIBUTE_PKS (1ULL << 30)
#define XFAM_X87_SSE  3ULL
#define XFAM_AVX      (1ULL << 2)
#define XFAM_PK       (1ULL << 9)
#define XFAM_CET      (3ULL << 11)
#define XFAM_UINTR    (1ULL << 14)
#define CR4_KL        (1ULL << 19)
#define CR4_PKE       (1ULL << 22)
#define CR4_CET       (1ULL << 23)
#define CR4_PKS       (1ULL << 24)
#define CR4_UINTR     (1ULL << 25)

#define CONFIG_NO_RBP_MOD 4ULL
#define UNSET             0xffffffffffffffffULL
#define EPTP_WB_4_LEVELS  0x1eULL

struct initial {
    uint32_t encoding;
    uint64_t value;
};

/* src/common/data_structures/td_vmcs_init.c; fields that are not named start as 0. */
static const struct initial vmcs_initial[] = {
    {VMCS_GUEST_DR7, 0x400},
    {VMCS_GUEST_RIP, 0xfffffff0},
    {VMCS_GUEST_RFLAGS, X86_RFLAGS_FIXED},
    {VMCS_GUEST_ES_LIMIT, 0xffffffff}, /* limits ES CS SS DS FS GS LDTR TR GDTR */
    {0x4802, 0xffffffff},
    {0x4804, 0xffffffff},
    {0x4806, 0xffffffff},
    {0x4808, 0xffffffff},
    {0x480a, 0xffffffff},
    {0x480c, 0xffff},
    {0x480e, 0xffff},
    {VMCS_GUEST_GDTR_LIMIT, 0xffff},
    {VMCS_GUEST_ES_RIGHTS, 0xc093}, /* access rights ES CS SS DS FS GS LDTR TR */
    {0x4816, 0xc09b},
    {0x4818, 0xc093},
    {0x481a, 0xc093},
    {0x481c, 0xc093},
    {0x481e, 0xc093},
    {0x4820, 0x10082},
    {0x4822, 0x8b},
    {0x2808, 0xff}, /* IA32_PERF_GLOBAL_CTRL */
    {VMCS_GUEST_PAT, 0x0007040600070406},
    {VMCS_GUEST_EFER, 0x901}, /* SCE LME NXE */
    {VMCS_GUEST_CR0, CR0_L2_INIT},
    {VMCS_GUEST_CR4, CR4_L2_INIT},
    {0x0002, 0xffff}, /* posted-interrupt notification vector */
    {0x2016, UNSET},  /* posted-interrupt descriptor */
    {0x2014, UNSET},  /* APIC-access address */
    {VMCS_VIRTUAL_APIC, UNSET},
    {0x202a, UNSET}, /* virtualization-exception information */
    {VMCS_EXCEPTION_BITMAP, 1U << VECTOR_MC},
    {0x2000, UNSET}, /* I/O bitmaps */
    {0x2002, UNSET},
    {0x2024, UNSET}, /* EPTP list, VMREAD and VMWRITE bitmaps */
    {0x2026, UNSET},
    {0x2028, UNSET},
    {0x202e, UNSET}, /* ENCLS, ENCLV, PCONFIG exiting */
    {0x2036, UNSET},
    {0x203e, UNSET},
    {0x200e, UNSET}, /* PML, executive VMCS, MSR areas, VMCS link */
    {0x200c, UNSET},
    {0x2006, UNSET},
    {0x2008, UNSET},
    {0x200a, UNSET},
    {0x2800, UNSET},
    {0x280a, UNSET}, /* PDPTEs */
    {0x280c, UNSET},
    {0x280e, UNSET},
    {0x2810, UNSET},
    {VMCS_CR0_MASK, UNSET}, /* CR0 and CR4 guest/host masks and read shadows */
    {VMCS_CR4_MASK, UNSET},
    {VMCS_CR0_SHADOW, CR0_L2_INIT},
    {VMCS_CR4_SHADOW, CR4_L2_INIT},
    {VMCS_PIN_CONTROLS, PIN_INIT},
    {VMCS_PROC_CONTROLS, PROC_TD},
    {VMCS_PROC_CONTROLS2, PROC2_INIT & ~(PROC2_WAITPKG | PROC2_PCONFIG)},
    {0x2034, PROC3_INIT},
    {VMCS_EXIT_CONTROLS, EXIT_INIT},
    {VMCS_ENTRY_CONTROLS, ENTRY_INIT},
    {0x201a, EPTP_WB_4_LEVELS},
};

/* What the module enumerates to L1, but for CR0 and CR4: src/common/helpers/virt_msr_helpers.h. */
#define ALLOWED(init, l1_mask)                                                                     \
    (((uint64_t)(uint32_t)((init) | (l1_mask)) << 32) | (uint32_t)((init) & ~(l1_mask)))

static const struct initial msr_initial[] = {
    {0x480, 7ULL << 54}, /* exit information on INS and OUTS, TRUE controls, events without code */
    {0x485, 0x600440e0}, /* EFER.LMA, HLT, shutdown, PT; 4 CR3 targets; VMWRITE, length 0 */
    {0x48b, ALLOWED(PROC2_INIT, PROC2_L1_MASK & ~(PROC2_WAITPKG | PROC2_PCONFIG))},
    {0x48c, 0x00430001}, /* execute-only, 2 MiB and 1 GiB pages, advanced exit information */
    {0x48d, ALLOWED(PIN_INIT, 0U)},
    {0x48e, ALLOWED(PROC_TD, PROC_L1_MASK & ~PROC_RDPMC)},
    {0x48f, ALLOWED(EXIT_INIT, 0U)},
    {0x490, ALLOWED(ENTRY_INIT, ENTRY_L1_MASK)},
    {0x491, 0},
    {0x492, PROC3_INIT | PROC3_L1_MASK},
    /* RDCL_NO IBRS_ALL SKIP_L1DFL MDS_NO IF_PSCHANGE_MC_NO TAA_NO DOITM SBDR FBSDP PSDP */
    {0x10a, 0x0000f16b},
};
_Static_assert(((PROC2_INIT & (PROC2_WAITPKG | PROC2_PCONFIG)) == 0), "no fixed-1 by mistake");

/* CR4 bits that L2 and L1 may change: calc_base_l2_cr4_write_mask() of src/common/helpers. */
static uint64_t cr4_write_mask(uint64_t attributes, uint64_t xfam)
{
    uint64_t mask = CR4_L1_MASK & ~CPU_CR4_FIXED0 & CPU_CR4_FIXED1 & ~CR4_KL;
    if ((xfam & XFAM_PK) == 0)
        mask &= ~CR4_PKE;
    if ((xfam & XFAM_CET) != XFAM_CET)
        mask &= ~CR4_CET;
    if ((xfam & XFAM_UINTR) == 0)
        mask &= ~CR4_UINTR;
    if ((attributes & ATTRIBUTE_PKS) == 0)
        mask &= ~CR4_PKS;
    return mask;
}

static void init_control_registers(struct metadata *metadata)
{
    uint64_t *values = metadata->values;
    uint64_t cr4_mask = cr4_write_mask(values[SLOT_TDCS_ATTRIBUTES], values[SLOT_TDCS_XFAM]);
    /* NE NW CD, reserved bits, and the CPU's fixed bits but PE and PG: L2 is unrestricted. */
    values[SLOT_TDVPS_BASE_L2_CR0_GUEST_HOST_MASK] =
        ((CPU_CR0_FIXED0 | ~CPU_CR0_FIXED1) & ~(X86_CR0_PG | X86_CR0_PE)) | X86_CR0_NE |
        X86_CR0_NW | X86_CR0_CD | 0xffffffff1ffaffc0ULL;
    values[SLOT_TDVPS_BASE_L2_CR0_READ_SHADOW] =
        (CPU_CR0_FIXED0 & ~(X86_CR0_PG | X86_CR0_PE)) | X86_CR0_NE;
    values[SLOT_TDVPS_BASE_L2_CR4_GUEST_HOST_MASK] = ~cr4_mask;
    values[SLOT_TDVPS_BASE_L2_CR4_READ_SHADOW] = CPU_CR4_FIXED0 | X86_CR4_MCE;
    values[SLOT_TDVPS_SHADOW_CR0_GUEST_HOST_MASK + VM] = UNSET;
    values[SLOT_TDVPS_SHADOW_CR0_READ_SHADOW + VM] = 0;
    values[SLOT_TDVPS_SHADOW_CR4_GUEST_HOST_MASK + VM] = UNSET;
    values[SLOT_TDVPS_SHADOW_CR4_READ_SHADOW + VM] = 0;
    metadata_set(metadata, METADATA_VIRTUAL_MSR(0x486), CR0_L2_INIT & ~CR0_L1_MASK);
    metadata_set(metadata, METADATA_VIRTUAL_MSR(0x487), CR0_L2_INIT | CR0_L1_MASK);
    metadata_set(metadata, METADATA_VIRTUAL_MSR(0x488), CR4_L2_INIT & ~cr4_mask);
    metadata_set(metadata, METADATA_VIRTUAL_MSR(0x489), CR4_L2_INIT | cr4_mask);
}

static void init_vmcs(struct metadata *metadata)
{
    for (unsigned i = 0; i < METADATA_VMCS_SLOTS; i++)
        metadata->values[i] = 0;
    for (unsigned i = 0; i < sizeof(vmcs_initial) / sizeof(vmcs_initial[0]); i++)
        metadata_vmcs_set(metadata, VM, vmcs_initial[i].encoding, vmcs_initial[i].value);
    metadata_vmcs_set(metadata, VM, 0x2010, metadata->values[SLOT_TDCS_TSC_OFFSET]);
    metadata_vmcs_set(metadata, VM, 0x2032, metadata->values[SLOT_TDCS_TSC_MULTIPLIER]);
}

void metadata_vp_init(struct metadata *metadata)
{
    uint64_t *values = metadata->values;
    init_vmcs(metadata);
    init_control_registers(metadata);
    for (unsigned vm = 0; vm <= VM; vm++) {
        values[SLOT_TDVPS_TSC_DEADLINE + vm] = TDX_NO_DEADLINE;
        values[SLOT_TDVPS_L2_ENTER_GUEST_STATE_GPA + vm] = UNSET;
        values[SLOT_TDVPS_L2_ENTER_GUEST_STATE_HPA + vm] = UNSET;
        values[SLOT_TDVPS_SHADOW_SHARED_EPTP + vm] = UNSET;
    }
    for (unsigned i = 0; i < TDX_MSR_BITMAP_WORDS; i++)
        values[SLOT_TDVPS_L2_MSR_BITMAPS_1 + i] = UNSET;
    values[SLOT_TDVPS_XFAM] = values[SLOT_TDCS_XFAM];
    metadata->dirty = METADATA_DIRTY_ALL;
}

/* src/common/metadata_handlers/metadata_sys.c; LOCAL_ATTESTATION (bit 8) is the CPU's: absent. */
static void init_sys(uint64_t *values)
{
    values[SLOT_SYS_VENDOR_ID] = 0x8086;
    values[SLOT_SYS_MAJOR_VERSION] = 1;
    values[SLOT_SYS_MINOR_VERSION] = 5;
    values[SLOT_SYS_NUM_TDX_FEATURES] = 1;
    values[SLOT_SYS_TDX_FEATURES0] = 0xf0ebf;
    values[SLOT_SYS_GUEST_L2_GPA_ATTR_MASK] = 0x807f;
}

void metadata_init(struct metadata *metadata)
{
    uint64_t *values = metadata->values;
    for (unsigned i = 0; i < METADATA_SLOTS; i++)
        values[i] = 0;
    init_sys(values);
    values[SLOT_TDCS_ATTRIBUTES] = TDX_ATTRIBUTE_SEPT_VE_DISABLE;
    values[SLOT_TDCS_TD_CTLS] = 1; /* PENDING_VE_DISABLE, as that attribute */
    values[SLOT_TDCS_XFAM] = XFAM_X87_SSE | XFAM_AVX;
    values[SLOT_TDCS_CONFIG_FLAGS] = CONFIG_NO_RBP_MOD;
    values[SLOT_TDCS_MAX_VCPUS] = 1;
    values[SLOT_TDCS_NUM_VCPUS] = 1;
    values[SLOT_TDCS_NUM_L2_VMS] = METADATA_L2_VMS;
    values[SLOT_TDCS_TSC_MULTIPLIER] = 1ULL << 48;
    for (unsigned i = 0; i < sizeof(msr_initial) / sizeof(msr_initial[0]); i++)
        metadata_set(metadata, METADATA_VIRTUAL_MSR(msr_initial[i].encoding), msr_initial[i].value);
    metadata_vp_init(metadata);
}
