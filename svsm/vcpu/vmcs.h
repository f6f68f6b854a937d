/* L2's VMCS through TDG.VP.RD and TDG.VP.WR; encodings in abi/vmx.h. A refusal ends the TD. */
#ifndef SVSM_VCPU_VMCS_H
#define SVSM_VCPU_VMCS_H

#include <stdint.h>

uint64_t vmcs_read(uint32_t encoding);
void vmcs_write(uint32_t encoding, uint64_t value);

/* The bits of `mask` only: for fields of which L1 may write a part. */
void vmcs_write_masked(uint32_t encoding, uint64_t value, uint64_t mask);

/* Any field of the vCPU (abi/tdx_fields.h). */
void vp_write(uint64_t field, uint64_t value);

#endif
