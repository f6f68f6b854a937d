/*
 * Fields that are more than a value under a mask.
 *
 * Source: intel/tdx-module, branch tdx_1.5, src/common/metadata_handlers/metadata_vp.c and
 * metadata_td.c.
 */
#ifndef MODULE_METADATA_RULES_H
#define MODULE_METADATA_RULES_H

#include "module/metadata_field.h"

/* The value that L1 reads, before the read mask; zero for a field whose values are not kept. */
uint64_t field_seen(const struct metadata *metadata, const struct metadata_element *element);

/* Whether `value`, already within the masks, may be written; a completion status. */
MUST_CHECK uint64_t field_check(const struct metadata *metadata, const struct metadata_field *field,
                                uint64_t value);

/*
 * What a write that passed field_check() does beside the field's own slot, and checks that go with
 * it. Returns a completion status; on success `*value` is what the slot is to hold.
 */
MUST_CHECK uint64_t field_refine(struct metadata *metadata, const struct metadata_element *element,
                                 uint64_t *value);

#endif
