#include "module/metadata_field.h"

#define CONTEXT_SHIFT 52
#define CONTEXT_MASK  (7ULL << CONTEXT_SHIFT)
/* Reserved bits 31:24, 49:47, 55, 62; last element 37:34; last field 46:38. */
#define MUST_BE_ZERO 0x4083fffcff000000ULL

/* CPUID_VALUES of the TD: the leaf is in the field code, bit 0 the element, bits 23:17 reserved. */
#define CLASS_CPUID          0x14U
#define CPUID_CODE_RESERVED  0xfe0000U
#define CPUID_CODE_LEAF_BITS 0x1fffeU

uint64_t field_id_in(enum metadata_scope scope, uint64_t id)
{
    return (id & ~CONTEXT_MASK) | (uint64_t)scope << CONTEXT_SHIFT;
}

bool field_id_is_none(uint64_t id)
{
    return (id | CONTEXT_MASK) == FIELD_ID_NONE;
}

/* Index of the last field at or below the key; `count` when there is none. */
static unsigned last_at_or_below(const struct metadata_table *table, uint32_t key)
{
    unsigned low = 0;
    unsigned high = table->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (FIELD_KEY(table->fields[middle].id) <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? table->count : low - 1;
}

bool field_find(enum metadata_scope scope, uint64_t id, struct metadata_element *element)
{
    if ((id & MUST_BE_ZERO) != 0)
        return false;
    if (scope == METADATA_TD && FIELD_CLASS(id) == CLASS_CPUID) {
        if ((id & CPUID_CODE_RESERVED) != 0)
            return false;
        id &= ~(uint64_t)CPUID_CODE_LEAF_BITS;
    }
    const struct metadata_table *table = &metadata_tables[scope];
    unsigned at = last_at_or_below(table, FIELD_KEY(id));
    if (at == table->count)
        return false;
    const struct metadata_field *field = &table->fields[at];
    uint32_t distance = FIELD_KEY(id) - FIELD_KEY(field->id);
    /* Off the stride are the high halves of 64-bit VMCS fields, which the module refuses. */
    if (distance % field_stride(field) != 0 || distance / field_stride(field) >= field->elements)
        return false;
    *element = (struct metadata_element){field, distance / field_stride(field)};
    return true;
}

static uint64_t first_from(const struct metadata_table *table, const struct metadata_field *field)
{
    for (; field < table->fields + table->count; field++) {
        if (field->read_mask != 0)
            return field->id;
    }
    return FIELD_ID_NONE;
}

uint64_t field_first(enum metadata_scope scope)
{
    return first_from(&metadata_tables[scope], metadata_tables[scope].fields);
}

uint64_t field_next(enum metadata_scope scope, uint64_t id, const struct metadata_element *element)
{
    if (element->index + 1 < element->field->elements)
        return id + field_stride(element->field);
    return first_from(&metadata_tables[scope], element->field + 1);
}
