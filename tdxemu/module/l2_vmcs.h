/*
 * L2's VMCS between the metadata, where L1 reads and writes it, and the VMCB, where it runs.
 *
 * Guest state is in one place at a time (struct l2, guest_in_vmcb); it moves when L1 asks for it or
 * enters. Source of the correspondence: SDM volume 3C, 25.4; APM volume 2, appendix B.
 */
#ifndef MODULE_L2_VMCS_H
#define MODULE_L2_VMCS_H

#include <stdint.h>

#include "module/td.h"

/* L1 is about to read or write this TDVPS field: guest state is put where it looks. */
void l2_vmcs_fetch(struct td *td, uint64_t field);

/* L1 has written this TDVPS field. */
void l2_vmcs_written(struct td *td, uint64_t field);

#endif
