#include "module/metadata.h"

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "module/metadata_rules.h"

#define VMCS_TYPE(encoding) ((encoding) >> 10 & 3U)
#define VMCS_TYPE_CONTROL   0U
#define VMCS_TYPE_GUEST     2U

#define PHYSICAL_ADDRESS_UNSET (1ULL << 63)

uint64_t metadata_rd(const struct metadata *metadata, enum metadata_scope scope, uint64_t id,
                     unsigned version, uint64_t *next, uint64_t *value)
{
    bool has_next = scope != METADATA_TD || version > 0;
    id = field_id_in(scope, id);
    if (has_next && field_id_is_none(id)) {
        *next = field_first(scope);
        return TDX_METADATA_FIRST_FIELD_ID;
    }
    struct metadata_element element;
    if (!field_find(scope, id, &element))
        return TDX_METADATA_FIELD_ID_INCORRECT;
    if (element.field->read_mask == 0)
        return TDX_METADATA_FIELD_NOT_READABLE;
    *value = field_seen(metadata, &element) & element.field->read_mask;
    if (has_next)
        *next = field_next(scope, id, &element);
    return TDX_SUCCESS;
}

static uint32_t dirty_of_vmcs(uint32_t encoding)
{
    if (encoding >= VMCS_ENTRY_INTERRUPTION_INFO && encoding <= VMCS_ENTRY_INSTRUCTION_LENGTH)
        return METADATA_DIRTY_EVENT;
    switch (VMCS_TYPE(encoding)) {
    case VMCS_TYPE_CONTROL:
        return METADATA_DIRTY_CONTROLS;
    case VMCS_TYPE_GUEST:
        return METADATA_DIRTY_GUEST;
    default:
        return 0;
    }
}

static uint32_t dirty_of(const struct metadata_element *element)
{
    const struct metadata_field *field = element->field;
    switch (FIELD_CLASS(field->id)) {
    case FIELD_CLASS_L2_VMCS:
        return dirty_of_vmcs(FIELD_CODE(field->id));
    case FIELD_CLASS_L2_MSR_BITMAP:
        return METADATA_DIRTY_MSR_BITMAP;
    default:
        return field->slot == SLOT_TDVPS_L2_CTLS ? METADATA_DIRTY_CONTROLS : 0;
    }
}

/* An address that was never set is -1 also in bits that may not be written: they count as 0. */
static uint64_t writable_current(const struct metadata_field *field, uint64_t current)
{
    bool unset = (field->flags & FIELD_PRIVATE_GPA) != 0 && (current & PHYSICAL_ADDRESS_UNSET) != 0;
    return unset ? current & field->write_mask : current;
}

uint64_t metadata_wr(struct metadata *metadata, enum metadata_scope scope, uint64_t id,
                     uint64_t value, uint64_t mask, uint64_t *previous)
{
    struct metadata_element element;
    if (!field_find(scope, field_id_in(scope, id), &element))
        return TDX_METADATA_FIELD_ID_INCORRECT;
    const struct metadata_field *field = element.field;
    uint64_t effective = field->write_mask & mask;
    if (effective == 0)
        return TDX_METADATA_FIELD_NOT_WRITABLE;
    uint64_t seen = field_seen(metadata, &element);
    uint64_t current = writable_current(field, seen);
    if (((current ^ value) & mask & ~field->write_mask) != 0)
        return TDX_METADATA_VALUE_NOT_VALID;
    value = (current & ~effective) | (value & effective);
    uint64_t status = field_check(metadata, field, value);
    if (status == TDX_SUCCESS)
        status = field_refine(metadata, &element, &value);
    if (status != TDX_SUCCESS)
        return status;
    metadata->values[field->slot + element.index] = value;
    metadata->dirty |= dirty_of(&element);
    *previous = seen & field->read_mask;
    return TDX_SUCCESS;
}

static unsigned slot_of(uint64_t id)
{
    unsigned scope = (unsigned)(id >> 52 & 7U);
    struct metadata_element element;
    if (scope >= METADATA_SCOPES || !field_find((enum metadata_scope)scope, id, &element) ||
        element.field->slot == METADATA_NO_SLOT)
        __builtin_trap();
    return element.field->slot + element.index;
}

uint64_t metadata_value(const struct metadata *metadata, uint64_t id)
{
    return metadata->values[slot_of(id)];
}

void metadata_set(struct metadata *metadata, uint64_t id, uint64_t value)
{
    metadata->values[slot_of(id)] = value;
}

/* Four bitmaps of 8192 MSRs: reads of low and of high MSRs, writes of low and of high ones. */
bool metadata_msr_intercepted(const struct metadata *metadata, unsigned vm, uint32_t msr,
                              bool write)
{
    if (vm != 1)
        __builtin_trap();
    uint32_t high = msr & 0xffffe000U;
    if (high != 0 && high != 0xc0000000U)
        return true;
    unsigned bit = (msr & 0x1fffU) + (high != 0 ? 8192U : 0U) + (write ? 16384U : 0U);
    return (metadata->values[SLOT_TDVPS_L2_MSR_BITMAPS_1 + bit / 64] >> bit % 64 & 1U) != 0;
}
