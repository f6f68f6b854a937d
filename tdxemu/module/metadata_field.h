/*
 * The generated tables, and finding an element in them.
 *
 * Source: intel/tdx-module, branch tdx_1.5, include/tdx_api_defs.h (md_field_id_t) and
 * src/common/metadata_handlers/metadata_generic.c.
 */
#ifndef MODULE_METADATA_FIELD_H
#define MODULE_METADATA_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "module/metadata.h"

#define METADATA_NO_SLOT 0xffffU

#define FIELD_SPECIAL_READ  1U
#define FIELD_SPECIAL_WRITE 2U
#define FIELD_PRIVATE_GPA   4U

struct metadata_field {
    uint64_t id; /* of its first element, VMCS fields with the class of VM 1 */
    uint64_t read_mask, write_mask;
    uint16_t elements; /* of all fields that the row stands for */
    uint16_t slot;     /* of the first element; METADATA_NO_SLOT: its values are not kept */
    uint8_t flags;
};

/* In ascending order of class and field code, without overlap. */
struct metadata_table {
    const struct metadata_field *fields;
    unsigned count;
};

extern const struct metadata_table metadata_tables[METADATA_SCOPES];

struct metadata_element {
    const struct metadata_field *field;
    unsigned index;
};

#define FIELD_CLASS(id) ((unsigned)((id) >> 56 & 0x3fU))
#define FIELD_CODE(id)  ((uint32_t)((id)&0xffffffU))
#define FIELD_KEY(id)   ((FIELD_CLASS(id) << 24) | FIELD_CODE(id))
#define FIELD_INC_SIZE  (1ULL << 50) /* field codes are two apart: VMCS encodings */

#define FIELD_CLASS_L2_VMCS       0x24U
#define FIELD_CLASS_L2_MSR_BITMAP 0x25U

#define FIELD_ID_NONE 0xffffffffffffffffULL

/* Distance of the field codes of two elements. */
static inline unsigned field_stride(const struct metadata_field *field)
{
    return (field->id & FIELD_INC_SIZE) != 0 ? 2U : 1U;
}

/* The id with the context of the scope: the module ignores what the caller put there. */
uint64_t field_id_in(enum metadata_scope scope, uint64_t id);

/* Whether this is the id -1, which asks for the first. */
bool field_id_is_none(uint64_t id);

/* The element of a single-element id; false: the id is incorrect. */
MUST_CHECK bool field_find(enum metadata_scope scope, uint64_t id,
                           struct metadata_element *element);

/* Id of the first element that the guest can read; it exists in every scope. */
uint64_t field_first(enum metadata_scope scope);

/* Id of the next element that the guest can read after `element`, whose id is `id`; -1: none. */
uint64_t field_next(enum metadata_scope scope, uint64_t id, const struct metadata_element *element);

#endif
