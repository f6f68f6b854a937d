#include "module/metadata_rules.h"

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"

#define VM 1U

#define VMCS_PLE_GAP    0x4020U
#define VMCS_PLE_WINDOW 0x4022U
#define DEBUGCTL_TR     (1ULL << 6)
#define DEBUGCTL_BTS    (1ULL << 7)
#define DEBUGCTL_UNCORE (1ULL << 13)

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
};

/* A control register of L2: the module's mask and read shadow, L1's, and those of the VMCS. */
struct control_register {
    unsigned base_mask, base_shadow, l1_mask, l1_shadow;
    uint32_t mask, shadow;
};

static const struct control_register cr0 = {
    SLOT_TDVPS_BASE_L2_CR0_GUEST_HOST_MASK,
    SLOT_TDVPS_BASE_L2_CR0_READ_SHADOW,
    SLOT_TDVPS_SHADOW_CR0_GUEST_HOST_MASK + VM,
    SLOT_TDVPS_SHADOW_CR0_READ_SHADOW + VM,
    VMCS_CR0_MASK,
    VMCS_CR0_SHADOW,
};

static const struct control_register cr4 = {
    SLOT_TDVPS_BASE_L2_CR4_GUEST_HOST_MASK,
    SLOT_TDVPS_BASE_L2_CR4_READ_SHADOW,
    SLOT_TDVPS_SHADOW_CR4_GUEST_HOST_MASK + VM,
    SLOT_TDVPS_SHADOW_CR4_READ_SHADOW + VM,
    VMCS_CR4_MASK,
    VMCS_CR4_SHADOW,
};

/* The module's own mask and read shadow hide what lies beneath. */
static uint64_t cr_seen(const uint64_t *values, const struct control_register *cr, uint64_t raw)
{
    return (raw & ~values[cr->base_mask]) | (values[cr->base_shadow] & values[cr->base_mask]);
}

static uint64_t vmcs_seen(const struct metadata *metadata, uint32_t encoding, uint64_t raw)
{
    const uint64_t *values = metadata->values;
    if (encoding == VMCS_GUEST_CR0)
        return cr_seen(values, &cr0, raw);
    if (encoding == VMCS_GUEST_CR4)
        return cr_seen(values, &cr4, raw);
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

/* L1's mask or read shadow; in the VMCS, L1's bits come before the module's. */
static uint64_t cr_control(struct metadata *metadata, const struct metadata_field *field,
                           const struct control_register *cr, uint64_t *value)
{
    uint64_t *values = metadata->values;
    values[FIELD_CODE(field->id) == cr->mask ? cr->l1_mask : cr->l1_shadow] = *value;
    uint64_t mine = values[cr->base_mask] & ~values[cr->l1_mask];
    *vmcs(metadata, cr->mask) = values[cr->base_mask] | values[cr->l1_mask];
    *vmcs(metadata, cr->shadow) =
        (mine & values[cr->base_shadow]) | (values[cr->l1_mask] & values[cr->l1_shadow]);
    *value = *vmcs(metadata, FIELD_CODE(field->id));
    return TDX_SUCCESS;
}

/* A control register is written as L2 itself could: the module's bits stay as it shows them. */
static uint64_t cr_write(const struct metadata *metadata, const struct metadata_field *field,
                         const struct control_register *cr, uint64_t *value)
{
    uint64_t mask = metadata->values[cr->base_mask];
    if ((*value & mask) != (metadata->values[cr->base_shadow] & mask))
        return TDX_METADATA_VALUE_NOT_VALID;
    *value = (metadata->values[field->slot] & mask) | (*value & ~mask);
    return TDX_SUCCESS;
}

static uint64_t cr0_control(struct metadata *metadata, const struct metadata_field *field,
                            uint64_t *value)
{
    return cr_control(metadata, field, &cr0, value);
}

static uint64_t cr4_control(struct metadata *metadata, const struct metadata_field *field,
                            uint64_t *value)
{
    return cr_control(metadata, field, &cr4, value);
}

static uint64_t cr0_write(struct metadata *metadata, const struct metadata_field *field,
                          uint64_t *value)
{
    return cr_write(metadata, field, &cr0, value);
}

static uint64_t cr4_write(struct metadata *metadata, const struct metadata_field *field,
                          uint64_t *value)
{
    return cr_write(metadata, field, &cr4, value);
}

static const struct {
    uint64_t id;
    uint64_t (*refine)(struct metadata *, const struct metadata_field *, uint64_t *value);
} rules[] = {
    {TDVPS_L2_VMCS(VM, VMCS_GUEST_DEBUGCTL), debugctl},
    {TDVPS_L2_VMCS(VM, VMCS_PLE_GAP), ple},
    {TDVPS_L2_VMCS(VM, VMCS_PLE_WINDOW), ple},
    {TDVPS_L2_VMCS(VM, VMCS_CR0_MASK), cr0_control},
    {TDVPS_L2_VMCS(VM, VMCS_CR0_SHADOW), cr0_control},
    {TDVPS_L2_VMCS(VM, VMCS_CR4_MASK), cr4_control},
    {TDVPS_L2_VMCS(VM, VMCS_CR4_SHADOW), cr4_control},
    {TDVPS_L2_VMCS(VM, VMCS_GUEST_CR0), cr0_write},
    {TDVPS_L2_VMCS(VM, VMCS_GUEST_CR4), cr4_write},
};

/*
 * No deadline may be 2^63 or more ahead; one that has passed means now. VM 0, and VMs that do not
 * exist, keep the value without meaning.
 */
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

uint64_t field_refine(struct metadata *metadata, const struct metadata_element *element,
                      uint64_t *value)
{
    const struct metadata_field *field = element->field;
    if ((field->flags & FIELD_SPECIAL_WRITE) == 0)
        return TDX_SUCCESS;
    if (field->slot == SLOT_TDVPS_TSC_DEADLINE)
        return tsc_deadline(metadata, element->index, *value);
    for (unsigned i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].id == (field->id & ~FIELD_INC_SIZE))
            return rules[i].refine(metadata, field, value);
    }
    return TDX_SUCCESS; /* L2_CTLS, MSR bitmap, virtual-APIC address: their use is at entry */
}
