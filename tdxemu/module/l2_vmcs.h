/*
 * L2's VMCS between the metadata, where L1 reads and writes it, and the VMCB, where it runs.
 *
 * Guest state goes to the metadata at every exit to L1, and back when L1 has changed it. Source of
 * the correspondence: SDM volume 3C, 25.4; APM volume 2, appendix B.
 */
#ifndef MODULE_L2_VMCS_H
#define MODULE_L2_VMCS_H

#include <stdint.h>

#include "module/td.h"

/* L1 has written this TDVPS field: an MSR bitmap word takes effect. */
void l2_vmcs_written(struct td *td, uint64_t field);

/* Guest state from the metadata to the VMCB, and, after world_switch(), back. */
void l2_vmcs_load(struct td *td);
void l2_vmcs_store(struct td *td);

/* VMX access rights of a VMCB segment, bits 16:0. */
uint32_t l2_access_rights(const struct vmcb_segment *segment);

/* The world of L2, before L1 has written anything. */
void l2_vmcs_init(struct td *td);

#endif
