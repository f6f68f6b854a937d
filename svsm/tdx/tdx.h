/*
 * TDCALL leaves as typed functions, one file a leaf.
 *
 * Each returns the completion status (abi/tdx_tdcall.h), TDX_SUCCESS being 0; out-parameters are
 * untouched on an error. Source: intel/tdx-module, branch tdx_1.5, src/td_dispatcher/vm_exits.
 */
#ifndef SVSM_TDX_TDX_H
#define SVSM_TDX_TDX_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/tdx_enter.h"
#include "base/addr.h"
#include "base/status.h"
#include "tdx/tdcall.h"

/* TDG.VP.INFO */
struct tdx_vp_info {
    unsigned gpaw; /* width of guest-physical addresses, shared bit included */
    uint64_t attributes;
    uint32_t vcpus;
    uint32_t index;
};

MUST_CHECK uint64_t tdx_vp_info(struct tdx_vp_info *info);

/* TDG.SYS.RD, TDG.VM.RD, TDG.VP.RD: one field (abi/tdx_fields.h). */
MUST_CHECK uint64_t tdx_sys_rd(uint64_t field, uint64_t *value);
MUST_CHECK uint64_t tdx_vm_rd(uint64_t field, uint64_t *value);
MUST_CHECK uint64_t tdx_vp_rd(uint64_t field, uint64_t *value);

/* TDG.VP.WR: the bits of `mask` become those of `value`. */
MUST_CHECK uint64_t tdx_vp_wr(uint64_t field, uint64_t value, uint64_t mask);

/* TDG.MEM.PAGE.ACCEPT of the page of `level` (TDX_LEVEL_4K, _2M) at `page`. */
MUST_CHECK uint64_t tdx_mem_page_accept(struct gpa page, unsigned level);

/* TDG.MEM.PAGE.ATTR.WR: gives VM `vm` the rights of `attributes` (TDX_ATTR_R ...) to the page. */
MUST_CHECK uint64_t tdx_mem_page_attr_wr(struct gpa page, unsigned level, unsigned vm,
                                         unsigned attributes);

/* TDG.VP.VEINFO.GET: exit reason and GPA of the last #VE. */
MUST_CHECK uint64_t tdx_vp_veinfo_get(uint64_t *reason, struct gpa *at);

/* TDG.VP.ENTER into VM `vm`; `flush` is TDX_ENTER_FLUSH_*. The state page is private memory. */
void tdx_vp_enter(unsigned vm, unsigned flush, struct l2_enter_guest_state *state,
                  struct tdx_exit *exit);

#endif
