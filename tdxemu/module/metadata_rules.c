#include "module/metadata_rules.h"

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"

#define VM 1U

#define VMCS_EPTP       0x201aU
#define VMCS_PLE_GAP    0x4020U
#define VMCS_PLE_WINDOW 0x4022U
#define VMCS_TERTIARY   0x2034U
#define EPTP_SSS        0x80U
#define XFAM_CET_S      (1ULL << 12)
#define DEBUGCTL_TR     (1ULL << 6)
#define DEBUGCTL_BTS    (1ULL << 7)
#define DEBUGCTL_UNCORE (1ULL << 13)
#define TD_CTLS_NO_VE   1ULL
#define FLEXIBLE_VE     (1ULL << 1)
#define GPA_WIDTH_48    0x00007fffffffffffULL

static uint64_t *vmcs(struct metadata *metadata, uint32_t encoding)
{
    return &metadata->values[metadata_vmcs_slot(VM, encoding)];
}

/* VMCS fields that L1 reads as it wrote them, from the vCPU's shadow. */
static const struct {
    uint32_t encoding;
    uint16_t shadow;
} shadows[] = {
    {VMCS_CR0_MASK, SLOT_TDVPS_SHADOW_CR0_GUEST_HOST_MASK + VM},
    {VMCS_CR4_MASK, SLOT_TDVPS_SHADOW_CR4_GUEST_HOST_MASK + VM},
    {VMCS_CR0_SHADOW, SLOT_TDVPS_SHADOW_CR0_READ_SHADOW + VM},
    {VMCS_CR4_SHADOW, SLOT_TDVPS_SHADOW_CR4_READ_SHADOW + VM},
    {VMCS_PLE_GAP, SLOT_TDVPS_SHADOW_PLE_GAP + VM},
    {VMCS_PLE_WINDOW, SLOT_TDVPS_SHADOW_PLE_WINDOW + VM},
    {VMCS_VIRTUAL_APIC, SLOT_TDVPS_L2_VAPIC_GPA + VM},
};

/* The module's own mask and read shadow of a control register hide what lies beneath. */
static uint64_t through(uint64_t cr, uint64_t mask, uint64_t shadow)
{
    return (cr & ~mask) | (shadow & mask);
}

static uint64_t vmcs_seen(const struct metadata *metadata, uint32_t encoding, uint64_t raw)
{
    const uint64_t *values = metadata->values;
    if (encoding == VMCS_GUEST_CR0)
        return through(raw, values[SLOT_TDVPS_BASE_L2_CR0_GUEST_HOST_MASK],
                       values[SLOT_TDVPS_BASE_L2_CR0_READ_SHADOW]);
    if (encoding == VMCS_GUEST_CR4)
        return through(raw, values[SLOT_TDVPS_BASE_L2_CR4_GUEST_HOST_MASK],
                       values[SLOT_TDVPS_BASE_L2_CR4_READ_SHADOW]);
    for (unsigned i = 0; i < sizeof(shadows) / sizeof(shadows[0]); i++) {
        if (shadows[i].encoding == encoding)
            return values[shadows[i].shadow];
    }
    return raw;
}

uint64_t field_seen(const struct metadata *metadata, const struct metadata_element *element)
{
    const struct metadata_field *field = element->field;
    if (field->slot == METADATA_NO_SLOT)
        return 0;
    uint64_t raw = metadata->values[field->slot + element->index];
    bool special = (field->flags & FIELD_SPECIAL_READ) != 0;
    if (!special || FIELD_CLASS(field->id) != FIELD_CLASS_L2_VMCS)
        return raw;
    return vmcs_seen(metadata, FIELD_CODE(field->id), raw);
}

static uint64_t virtual_apic(struct metadata *metadata, const struct metadata_field *field,
                             uint64_t *value)
{
    (void)field;
    metadata->values[SLOT_TDVPS_L2_VAPIC_GPA + VM] = *value;
    return TDX_SUCCESS;
}

static uint64_t eptp(struct metadata *metadata, const struct metadata_field *field, uint64_t *value)
{
    (void)field;
    bool sss = (*value & EPTP_SSS) != 0;
    bool cet = (metadata->values[SLOT_TDCS_XFAM] & XFAM_CET_S) != 0;
    return sss && !cet ? TDX_METADATA_VALUE_NOT_VALID : TDX_SUCCESS;
}

static uint64_t debugctl(struct metadata *metadata, const struct metadata_field *field,
                         uint64_t *value)
{
    (void)metadata;
    (void)field;
    if ((*value & (DEBUGCTL_TR | DEBUGCTL_BTS)) == DEBUGCTL_TR)
        return TDX_METADATA_VALUE_NOT_VALID;
    *value &= ~DEBUGCTL_UNCORE; /* the module puts the CPU's own bit here: clear */
    return TDX_SUCCESS;
}

/* Bits of the write mask must comply with a capability MSR: must-be-1 low, may-be-1 high. */
static uint64_t within(uint64_t mask, uint64_t value, uint64_t must, uint64_t may)
{
    return (mask & ((~value & must) | (value & ~may))) != 0 ? TDX_METADATA_VALUE_NOT_VALID
                                                            : TDX_SUCCESS;
}

static uint64_t primary(struct metadata *metadata, const struct metadata_field *field,
                        uint64_t *value)
{
    uint64_t msr = metadata->values[SLOT_TDCS_VIRTUAL_IA32_VMX_TRUE_PROCBASED_CTLS];
    return within(field->write_mask, *value, msr & 0xffffffffU, msr >> 32);
}

static uint64_t secondary(struct metadata *metadata, const struct metadata_field *field,
                          uint64_t *value)
{
    uint64_t msr = metadata->values[SLOT_TDCS_VIRTUAL_IA32_VMX_PROCBASED_CTLS2];
    return within(field->write_mask, *value, msr & 0xffffffffU, msr >> 32);
}

static uint64_t tertiary(struct metadata *metadata, const struct metadata_field *field,
                         uint64_t *value)
{
    uint64_t msr = metadata->values[SLOT_TDCS_VIRTUAL_IA32_VMX_PROCBASED_CTLS3];
    return within(field->write_mask, *value, 0, msr);
}

/*
 * A duration in virtual TSC units becomes native, as if it were a point in time: the TSC offset
 * counts. The shadow is set before the check, so that L1 reads back even what was refused.
 */
static uint64_t ple(struct metadata *metadata, const struct metadata_field *field, uint64_t *value)
{
    bool gap = FIELD_CODE(field->id) == VMCS_PLE_GAP;
    metadata->values[(gap ? SLOT_TDVPS_SHADOW_PLE_GAP : SLOT_TDVPS_SHADOW_PLE_WINDOW) + VM] =
        *value;
    uint64_t native = *value - metadata->values[SLOT_TDCS_TSC_OFFSET];
    if (native > 0xffffffffU)
        return TDX_METADATA_VALUE_NOT_VALID;
    *value = native;
    return TDX_SUCCESS;
}

/* The CPU's mask and read shadow: L1's bits come before the module's. */
static void combine(struct metadata *metadata, unsigned base_mask, unsigned l1_mask,
                    unsigned l1_shadow, uint32_t mask_encoding, uint32_t shadow_encoding)
{
    const uint64_t *values = metadata->values;
    uint64_t module = values[base_mask] & ~values[l1_mask];
    *vmcs(metadata, mask_encoding) = values[base_mask] | values[l1_mask];
    *vmcs(metadata, shadow_encoding) =
        (module & values[base_mask + 1]) | (values[l1_mask] & values[l1_shadow]);
}

_Static_assert(SLOT_TDVPS_BASE_L2_CR0_READ_SHADOW == SLOT_TDVPS_BASE_L2_CR0_GUEST_HOST_MASK + 1 &&
                   SLOT_TDVPS_BASE_L2_CR4_READ_SHADOW == SLOT_TDVPS_BASE_L2_CR4_GUEST_HOST_MASK + 1,
               "combine(): the read shadow's slot follows its mask's");

static uint64_t cr0_control(struct metadata *metadata, const struct metadata_field *field,
                            uint64_t *value)
{
    bool mask = FIELD_CODE(field->id) == VMCS_CR0_MASK;
    metadata->values[(mask ? SLOT_TDVPS_SHADOW_CR0_GUEST_HOST_MASK
                           : SLOT_TDVPS_SHADOW_CR0_READ_SHADOW) +
                     VM] = *value;
    combine(metadata, SLOT_TDVPS_BASE_L2_CR0_GUEST_HOST_MASK,
            SLOT_TDVPS_SHADOW_CR0_GUEST_HOST_MASK + VM, SLOT_TDVPS_SHADOW_CR0_READ_SHADOW + VM,
            VMCS_CR0_MASK, VMCS_CR0_SHADOW);
    *value = *vmcs(metadata, FIELD_CODE(field->id));
    return TDX_SUCCESS;
}

static uint64_t cr4_control(struct metadata *metadata, const struct metadata_field *field,
                            uint64_t *value)
{
    bool mask = FIELD_CODE(field->id) == VMCS_CR4_MASK;
    metadata->values[(mask ? SLOT_TDVPS_SHADOW_CR4_GUEST_HOST_MASK
                           : SLOT_TDVPS_SHADOW_CR4_READ_SHADOW) +
                     VM] = *value;
    combine(metadata, SLOT_TDVPS_BASE_L2_CR4_GUEST_HOST_MASK,
            SLOT_TDVPS_SHADOW_CR4_GUEST_HOST_MASK + VM, SLOT_TDVPS_SHADOW_CR4_READ_SHADOW + VM,
            VMCS_CR4_MASK, VMCS_CR4_SHADOW);
    *value = *vmcs(metadata, FIELD_CODE(field->id));
    return TDX_SUCCESS;
}

/* A control register is written as L2 itself could: the module's bits stay as it shows them. */
static uint64_t write_through(uint64_t old, uint64_t *value, uint64_t mask, uint64_t shadow)
{
    if ((*value & mask) != (shadow & mask))
        return TDX_METADATA_VALUE_NOT_VALID;
    *value = (old & mask) | (*value & ~mask);
    return TDX_SUCCESS;
}

static uint64_t cr0(struct metadata *metadata, const struct metadata_field *field, uint64_t *value)
{
    return write_through(metadata->values[field->slot], value,
                         metadata->values[SLOT_TDVPS_BASE_L2_CR0_GUEST_HOST_MASK],
                         metadata->values[SLOT_TDVPS_BASE_L2_CR0_READ_SHADOW]);
}

static uint64_t cr4(struct metadata *metadata, const struct metadata_field *field, uint64_t *value)
{
    return write_through(metadata->values[field->slot], value,
                         metadata->values[SLOT_TDVPS_BASE_L2_CR4_GUEST_HOST_MASK],
                         metadata->values[SLOT_TDVPS_BASE_L2_CR4_READ_SHADOW]);
}

static uint64_t td_ctls(struct metadata *metadata, const struct metadata_field *field,
                        uint64_t *value)
{
    bool changes = ((*value ^ metadata->values[field->slot]) & TD_CTLS_NO_VE) != 0;
    bool flexible = (metadata->values[SLOT_TDCS_CONFIG_FLAGS] & FLEXIBLE_VE) != 0;
    return changes && !flexible ? TDX_METADATA_VALUE_NOT_VALID : TDX_SUCCESS;
}

static const struct rule {
    uint64_t id;
    uint64_t (*refine)(struct metadata *, const struct metadata_field *, uint64_t *value);
} rules[] = {
    {TDVPS_L2_VMCS(VM, VMCS_VIRTUAL_APIC), virtual_apic},
    {TDVPS_L2_VMCS(VM, VMCS_EPTP), eptp},
    {TDVPS_L2_VMCS(VM, VMCS_GUEST_DEBUGCTL), debugctl},
    {TDVPS_L2_VMCS(VM, VMCS_TERTIARY), tertiary},
    {TDVPS_L2_VMCS(VM, VMCS_PROC_CONTROLS), primary},
    {TDVPS_L2_VMCS(VM, VMCS_PROC_CONTROLS2), secondary},
    {TDVPS_L2_VMCS(VM, VMCS_PLE_GAP), ple},
    {TDVPS_L2_VMCS(VM, VMCS_PLE_WINDOW), ple},
    {TDVPS_L2_VMCS(VM, VMCS_CR0_MASK), cr0_control},
    {TDVPS_L2_VMCS(VM, VMCS_CR0_SHADOW), cr0_control},
    {TDVPS_L2_VMCS(VM, VMCS_CR4_MASK), cr4_control},
    {TDVPS_L2_VMCS(VM, VMCS_CR4_SHADOW), cr4_control},
    {TDVPS_L2_VMCS(VM, VMCS_GUEST_CR0), cr0},
    {TDVPS_L2_VMCS(VM, VMCS_GUEST_CR4), cr4},
    {TDCS_TD_CTLS, td_ctls},
};

/* No deadline may be 2^63 or more ahead; one that has passed means now. VMs that are not, and
 * VM 0, keep the value without meaning. */
static uint64_t tsc_deadline(struct metadata *metadata, unsigned vm, uint64_t deadline)
{
    if (vm != VM || deadline == TDX_NO_DEADLINE)
        return TDX_SUCCESS;
    uint64_t now = __builtin_ia32_rdtsc();
    uint64_t offset = metadata->values[SLOT_TDCS_TSC_OFFSET];
    uint64_t native = now;
    if (deadline > now + offset) {
        native = deadline - offset;
        if (native == 0 || native - now > INT64_MAX)
            return TDX_OPERAND_INVALID;
    }
    metadata->values[SLOT_TDVPS_SHADOW_TSC_DEADLINE + vm] = native;
    return TDX_SUCCESS;
}

/* 48-bit GPAs: bit 47 is the shared bit, and nothing may be above it. */
static bool is_private_gpa(uint64_t value)
{
    return (value & ~GPA_WIDTH_48) == 0;
}

uint64_t field_refine(struct metadata *metadata, const struct metadata_element *element,
                      uint64_t *value)
{
    const struct metadata_field *field = element->field;
    if ((field->flags & FIELD_PRIVATE_GPA) != 0 && !is_private_gpa(*value))
        return TDX_METADATA_VALUE_NOT_VALID;
    if ((field->flags & FIELD_SPECIAL_WRITE) == 0)
        return TDX_SUCCESS;
    if (field->slot == SLOT_TDVPS_TSC_DEADLINE)
        return tsc_deadline(metadata, element->index, *value);
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (FIELD_KEY(rules[i].id) == FIELD_KEY(field->id))
            return rules[i].refine(metadata, field, value);
    }
    return TDX_SUCCESS; /* L2_CTLS and the MSR bitmap: what else they mean is asked at entry */
}
