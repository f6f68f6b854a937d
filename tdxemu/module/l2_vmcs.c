#include "module/l2_vmcs.h"

#include <stddef.h>

#include "abi/tdx_fields.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "module/l2_cr4.h"
#include "module/msr.h"
#include "module/pages.h"

#define L2_ASID              2U
#define VM                   1U
#define RIGHTS_UNUSABLE      0x10000U
#define RIGHTS_S             0x10U
#define RIGHTS_ACCESSED      0x1U
#define RIGHTS_TSS_BUSY      0x2U
#define VMCS_GUEST_TR_RIGHTS (VMCS_GUEST_ES_RIGHTS + 14U)
#define RIGHTS_PRESENT       0x80U
#define FIELD_CLASS(field)   ((field) >> 56 & 0x3fU)
#define CLASS_MSR_BITMAP     0x25U
#define FIELD_CODE(field)    ((uint32_t)((field)&0xffffffU))
#define MSRS_A_WORD          64U
#define WORDS_A_RANGE        128U
#define STI_BLOCKING         1U
#define MOV_SS_BLOCKING      2U
#define SYSENTER_CS          0x482aU
#define SYSENTER_ESP         0x6824U
#define SYSENTER_EIP         0x6826U

/* In the order of the VMCS encodings, 2 apart. */
static const uint8_t segment_order[] = {SEGMENT_ES, SEGMENT_CS, SEGMENT_SS,   SEGMENT_DS,
                                        SEGMENT_FS, SEGMENT_GS, SEGMENT_LDTR, SEGMENT_TR};

struct field {
    uint16_t encoding;
    uint16_t offset; /* of 64 bits in the VMCB */
};

static const struct field plain[] = {
    {VMCS_GUEST_CR0, offsetof(struct vmcb, cr0)},
    {VMCS_GUEST_CR3, offsetof(struct vmcb, cr3)},
    {VMCS_GUEST_DR7, offsetof(struct vmcb, dr7)},
    {VMCS_GUEST_RIP, offsetof(struct vmcb, rip)},
    {VMCS_GUEST_RFLAGS, offsetof(struct vmcb, rflags)},
    {VMCS_GUEST_PAT, offsetof(struct vmcb, pat)},
    {SYSENTER_CS, offsetof(struct vmcb, sysenter_cs)},
    {SYSENTER_ESP, offsetof(struct vmcb, sysenter_esp)},
    {SYSENTER_EIP, offsetof(struct vmcb, sysenter_eip)},
};

static uint64_t *at(struct vmcb *vmcb, const struct field *field)
{
    return (uint64_t *)(void *)((char *)vmcb + field->offset);
}

/* QEMU loads CS without setting "accessed", as a processor would (SDM volume 3A, 3.4.5.1). */
static uint32_t accessed(uint32_t rights)
{
    return rights & RIGHTS_PRESENT && rights & RIGHTS_S ? rights | RIGHTS_ACCESSED : rights;
}

uint32_t l2_access_rights(const struct vmcb_segment *segment)
{
    uint32_t attributes = segment->attributes;
    uint32_t rights = (attributes & 0xffU) | (attributes & 0xf00U) << 4;
    return attributes & RIGHTS_PRESENT ? accessed(rights) : rights | RIGHTS_UNUSABLE;
}

static uint16_t attributes_of(uint32_t rights)
{
    if (rights & RIGHTS_UNUSABLE)
        return (uint16_t)((rights & 0xffU & ~RIGHTS_PRESENT) | (rights >> 4 & 0xf00U));
    return (uint16_t)((rights & 0xffU) | (rights >> 4 & 0xf00U));
}

static void load_segments(const struct metadata *m, struct vmcb *vmcb)
{
    for (unsigned i = 0; i < sizeof segment_order; i++) {
        struct vmcb_segment *s = &vmcb->segment[segment_order[i]];
        s->selector = (uint16_t)metadata_vmcs(m, VM, VMCS_GUEST_ES_SELECTOR + 2 * i);
        s->limit = (uint32_t)metadata_vmcs(m, VM, VMCS_GUEST_ES_LIMIT + 2 * i);
        s->base = metadata_vmcs(m, VM, VMCS_GUEST_ES_BASE + 2 * i);
        s->attributes = attributes_of((uint32_t)metadata_vmcs(m, VM, VMCS_GUEST_ES_RIGHTS + 2 * i));
    }
    vmcb->segment[SEGMENT_GDTR].limit = (uint32_t)metadata_vmcs(m, VM, VMCS_GUEST_GDTR_LIMIT);
    vmcb->segment[SEGMENT_GDTR].base = metadata_vmcs(m, VM, VMCS_GUEST_GDTR_BASE);
    vmcb->segment[SEGMENT_IDTR].limit = (uint32_t)metadata_vmcs(m, VM, VMCS_GUEST_IDTR_LIMIT);
    vmcb->segment[SEGMENT_IDTR].base = metadata_vmcs(m, VM, VMCS_GUEST_IDTR_BASE);
    vmcb->cpl = vmcb->segment[SEGMENT_SS].attributes >> 5 & 3U;
}

/* A loaded TR is busy; QEMU says so in the descriptor table, but keeps the type it has read. */
static void store_task_register(struct metadata *m, const struct vmcb *vmcb)
{
    uint32_t rights = l2_access_rights(&vmcb->segment[SEGMENT_TR]) | RIGHTS_TSS_BUSY;
    metadata_vmcs_set(m, VM, VMCS_GUEST_TR_RIGHTS, rights);
}

static void store_segments(struct metadata *m, const struct vmcb *vmcb)
{
    for (unsigned i = 0; i < sizeof segment_order; i++) {
        const struct vmcb_segment *s = &vmcb->segment[segment_order[i]];
        metadata_vmcs_set(m, VM, VMCS_GUEST_ES_SELECTOR + 2 * i, s->selector);
        metadata_vmcs_set(m, VM, VMCS_GUEST_ES_LIMIT + 2 * i, s->limit);
        metadata_vmcs_set(m, VM, VMCS_GUEST_ES_BASE + 2 * i, s->base);
        metadata_vmcs_set(m, VM, VMCS_GUEST_ES_RIGHTS + 2 * i, l2_access_rights(s));
    }
    store_task_register(m, vmcb);
    metadata_vmcs_set(m, VM, VMCS_GUEST_GDTR_LIMIT, vmcb->segment[SEGMENT_GDTR].limit);
    metadata_vmcs_set(m, VM, VMCS_GUEST_GDTR_BASE, vmcb->segment[SEGMENT_GDTR].base);
    metadata_vmcs_set(m, VM, VMCS_GUEST_IDTR_LIMIT, vmcb->segment[SEGMENT_IDTR].limit);
    metadata_vmcs_set(m, VM, VMCS_GUEST_IDTR_BASE, vmcb->segment[SEGMENT_IDTR].base);
}

void l2_vmcs_load(struct td *td)
{
    const struct metadata *m = &td->metadata;
    struct vmcb *vmcb = td->l2.world.vmcb;
    for (unsigned i = 0; i < sizeof plain / sizeof *plain; i++)
        *at(vmcb, &plain[i]) = metadata_vmcs(m, VM, plain[i].encoding);
    l2_cr4_set(&td->l2, metadata_vmcs(m, VM, VMCS_GUEST_CR4));
    vmcb->efer = metadata_vmcs(m, VM, VMCS_GUEST_EFER) | X86_EFER_SVME;
    uint64_t blocking = metadata_vmcs(m, VM, VMCS_GUEST_INTERRUPTIBILITY);
    vmcb->int_state = blocking & (STI_BLOCKING | MOV_SS_BLOCKING) ? VMCB_SHADOW : 0;
    td->l2.world.gpr[L2_RSP] = metadata_vmcs(m, VM, VMCS_GUEST_RSP);
    load_segments(m, vmcb);
}

void l2_vmcs_store(struct td *td)
{
    struct metadata *m = &td->metadata;
    struct vmcb *vmcb = td->l2.world.vmcb;
    for (unsigned i = 0; i < sizeof plain / sizeof *plain; i++)
        metadata_vmcs_set(m, VM, plain[i].encoding, *at(vmcb, &plain[i]));
    metadata_vmcs_set(m, VM, VMCS_GUEST_CR4, l2_cr4(&td->l2));
    metadata_vmcs_set(m, VM, VMCS_GUEST_EFER, vmcb->efer & ~X86_EFER_SVME);
    metadata_vmcs_set(m, VM, VMCS_GUEST_INTERRUPTIBILITY,
                      vmcb->int_state & VMCB_SHADOW ? STI_BLOCKING : 0);
    metadata_vmcs_set(m, VM, VMCS_GUEST_RSP, td->l2.world.gpr[L2_RSP]);
    metadata_vmcs_set(m, VM, VMCS_GUEST_INTERRUPT_STATUS,
                      td->l2.vapic.rvi | (unsigned)td->l2.vapic.svi << 8);
    store_segments(m, vmcb);
}

/* SDM volume 3C, 25.6.9: four ranges of 128 words: read low, read high, write low, write high. */
void l2_vmcs_written(struct td *td, uint64_t field)
{
    uint32_t word = FIELD_CODE(field);
    if (FIELD_CLASS(field) != CLASS_MSR_BITMAP || word >= TDX_MSR_BITMAP_WORDS)
        return;
    uint32_t range = word / WORDS_A_RANGE;
    uint32_t first = (range & 1U ? MSR_RANGE_HIGH : 0) + word % WORDS_A_RANGE * MSRS_A_WORD;
    bool write = range >= 2;
    for (uint32_t msr = first; msr < first + MSRS_A_WORD; msr++)
        msr_apply_policy(&td->l2.world, msr, write,
                         metadata_msr_intercepted(&td->metadata, VM, msr, write));
}

void l2_vmcs_init(struct td *td)
{
    world_init(&td->l2.world, pages_l2(), L2_ASID);
}
