/* One typed function a TDCALL leaf; each returns the completion status, 0 for success. */
#ifndef SVSM_TDX_TDX_H
#define SVSM_TDX_TDX_H

#include <stdint.h>

#include "base/status.h"

MUST_CHECK uint64_t tdx_vm_rd(uint64_t field, uint64_t *value);
MUST_CHECK uint64_t tdx_vp_rd(uint64_t field, uint64_t *value);

#endif
