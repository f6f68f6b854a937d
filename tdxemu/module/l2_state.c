#include "module/l2_state.h"

#include "abi/tdx_fields.h"
#include "abi/vmx.h"
#include "abi/x86.h"

#define VM              1U
#define RIGHTS_TYPE(ar) ((ar)&15U)
#define RIGHTS_S        (1U << 4)
#define RIGHTS_DPL(ar)  ((ar) >> 5 & 3U)
#define RIGHTS_P        (1U << 7)
#define RIGHTS_L        (1U << 13)
#define RIGHTS_DB       (1U << 14)
#define RIGHTS_G        (1U << 15)
#define RIGHTS_UNUSABLE (1U << 16)
#define RIGHTS_RESERVED 0xfffe0f00U
#define TYPE_CODE       8U
#define TYPE_TSS_BUSY   11U
#define TYPE_TSS16_BUSY 3U
#define TYPE_LDT        2U
#define RFLAGS_RESERVED 0xffffffffffc08028ULL
#define RFLAGS_VM       0x20000ULL
#define EFER_KNOWN      0xd01ULL
#define STI_BLOCKING    1U
#define MOV_SS_BLOCKING 2U
#define BLOCKING_KNOWN  0x1fU
#define CR3_KNOWN       0x000fffffffffffffULL

enum segment {
    ES,
    CS,
    SS,
    DS,
    FS,
    GS,
    LDTR,
    TR
};

struct context {
    const struct metadata *m;
    const struct l2_entry_state *state;
    bool ia32e;
};

static uint64_t get(const struct context *c, uint32_t encoding)
{
    return metadata_vmcs(c->m, VM, encoding);
}

static uint32_t rights(const struct context *c, enum segment s)
{
    return (uint32_t)get(c, VMCS_GUEST_ES_RIGHTS + 2U * s);
}

static bool canonical(uint64_t address)
{
    return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

static bool control_registers(const struct context *c)
{
    uint64_t cr0 = get(c, VMCS_GUEST_CR0);
    uint64_t cr4 = get(c, VMCS_GUEST_CR4);
    if (!(cr0 & X86_CR0_NE) || cr0 & (X86_CR0_NW | X86_CR0_CD))
        return false;
    if (cr0 & X86_CR0_PG && !(cr0 & X86_CR0_PE))
        return false;
    if ((cr4 & (X86_CR4_MCE | X86_CR4_VMXE)) != (X86_CR4_MCE | X86_CR4_VMXE))
        return false;
    if (c->ia32e && (!(cr0 & X86_CR0_PG) || !(cr4 & X86_CR4_PAE)))
        return false;
    return !(get(c, VMCS_GUEST_CR3) & ~CR3_KNOWN) && get(c, VMCS_GUEST_DR7) >> 32 == 0;
}

static bool efer(const struct context *c)
{
    uint64_t value = get(c, VMCS_GUEST_EFER);
    bool lma = value & X86_EFER_LMA;
    if (value & ~EFER_KNOWN || lma != c->ia32e)
        return false;
    return !(get(c, VMCS_GUEST_CR0) & X86_CR0_PG) || lma == !!(value & X86_EFER_LME);
}

/* 27.3.1.2: limit and granularity, presence, reserved bits. */
static bool usable_segment(const struct context *c, enum segment s)
{
    uint32_t ar = rights(c, s);
    uint32_t limit = (uint32_t)get(c, VMCS_GUEST_ES_LIMIT + 2U * s);
    if (!(ar & RIGHTS_P) || ar & RIGHTS_RESERVED)
        return false;
    if ((limit & 0xfffU) != 0xfffU && ar & RIGHTS_G)
        return false;
    return !(limit & 0xfff00000U) || ar & RIGHTS_G;
}

static bool code_segment(const struct context *c)
{
    uint32_t ar = rights(c, CS);
    unsigned type = RIGHTS_TYPE(ar);
    if (!usable_segment(c, CS) || !(ar & RIGHTS_S) || get(c, VMCS_GUEST_ES_BASE + 2U * CS) >> 32)
        return false;
    if (c->ia32e && ar & RIGHTS_L && ar & RIGHTS_DB)
        return false;
    return type == 3 || (type & TYPE_CODE && type & 1U);
}

static bool data_segment(const struct context *c, enum segment s)
{
    uint32_t ar = rights(c, s);
    unsigned type = RIGHTS_TYPE(ar);
    if (ar & RIGHTS_UNUSABLE)
        return true;
    if (!usable_segment(c, s) || !(ar & RIGHTS_S))
        return false;
    if (s == SS && type != 3 && type != 7)
        return false;
    if (!(type & 1U) || (type & TYPE_CODE && !(type & 2U)))
        return false;
    return s == FS || s == GS || get(c, VMCS_GUEST_ES_BASE + 2U * s) >> 32 == 0;
}

static bool system_segments(const struct context *c)
{
    unsigned tr = RIGHTS_TYPE(rights(c, TR));
    uint32_t ldtr = rights(c, LDTR);
    if (rights(c, TR) & (RIGHTS_UNUSABLE | RIGHTS_S) || !usable_segment(c, TR))
        return false;
    if (tr != TYPE_TSS_BUSY && (c->ia32e || tr != TYPE_TSS16_BUSY))
        return false;
    if (ldtr & RIGHTS_UNUSABLE)
        return true;
    return RIGHTS_TYPE(ldtr) == TYPE_LDT && !(ldtr & RIGHTS_S) && usable_segment(c, LDTR);
}

static bool bases(const struct context *c)
{
    static const uint32_t encodings[] = {
        VMCS_GUEST_ES_BASE + 2U * FS,   VMCS_GUEST_ES_BASE + 2U * GS, VMCS_GUEST_ES_BASE + 2U * TR,
        VMCS_GUEST_ES_BASE + 2U * LDTR, VMCS_GUEST_GDTR_BASE,         VMCS_GUEST_IDTR_BASE,
    };
    for (unsigned i = 0; i < sizeof encodings / sizeof *encodings; i++)
        if (!canonical(get(c, encodings[i])))
            return false;
    return get(c, VMCS_GUEST_GDTR_LIMIT) <= UINT16_MAX &&
           get(c, VMCS_GUEST_IDTR_LIMIT) <= UINT16_MAX;
}

static bool segments(const struct context *c)
{
    static const enum segment data[] = {ES, SS, DS, FS, GS};
    for (unsigned i = 0; i < sizeof data / sizeof *data; i++)
        if (!data_segment(c, data[i]))
            return false;
    return code_segment(c) && system_segments(c) && bases(c);
}

static bool external_interrupt(const struct context *c)
{
    uint32_t info = (uint32_t)get(c, VMCS_ENTRY_INTERRUPTION_INFO);
    return info & VMX_EVENT_VALID &&
           (info & VMX_EVENT_TYPE_MASK) >> VMX_EVENT_TYPE_SHIFT == VMX_EVENT_EXTERNAL;
}

static bool rip_and_rflags(const struct context *c)
{
    uint64_t rflags = c->state->rflags;
    bool long_code = c->ia32e && rights(c, CS) & RIGHTS_L;
    if (long_code ? !canonical(c->state->rip) : c->state->rip >> 32 != 0)
        return false;
    if (rflags & RFLAGS_RESERVED || !(rflags & X86_RFLAGS_FIXED))
        return false;
    if (rflags & RFLAGS_VM && (c->ia32e || !(get(c, VMCS_GUEST_CR0) & X86_CR0_PE)))
        return false;
    return rflags & X86_RFLAGS_IF || !external_interrupt(c);
}

static bool activity(const struct context *c)
{
    uint32_t blocking = (uint32_t)get(c, VMCS_GUEST_INTERRUPTIBILITY);
    if (get(c, VMCS_GUEST_ACTIVITY) != 0 || blocking & ~BLOCKING_KNOWN)
        return false;
    if (blocking & STI_BLOCKING && blocking & MOV_SS_BLOCKING)
        return false;
    if (blocking & STI_BLOCKING && !(c->state->rflags & X86_RFLAGS_IF))
        return false;
    return !(blocking & (STI_BLOCKING | MOV_SS_BLOCKING)) || !external_interrupt(c);
}

/* Virtual-8086 mode has segments of its own rules, which nothing here runs. */
bool l2_state_valid(const struct metadata *metadata, const struct l2_entry_state *state)
{
    struct context c = {metadata, state,
                        metadata_vmcs(metadata, VM, VMCS_ENTRY_CONTROLS) & VMX_ENTRY_IA32E};
    if (!control_registers(&c) || !efer(&c) || !rip_and_rflags(&c) || !activity(&c))
        return false;
    return state->rflags & RFLAGS_VM || segments(&c);
}
