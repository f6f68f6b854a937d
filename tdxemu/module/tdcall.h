/*
 * TDCALL from L1: common checks, then one function a leaf.
 *
 * Source: intel/tdx-module, branch tdx_1.5, src/td_dispatcher/tdx_td_dispatcher.c; a leaf's file is
 * named as the module's.
 */
#ifndef MODULE_TDCALL_H
#define MODULE_TDCALL_H

#include "module/td.h"

/* Serves the TDCALL at L1's RIP and moves behind it. */
void tdcall(struct td *td);

/* TDG.VP.VMCALL of either world: the mask, the host, the status. */
uint64_t vmcall_of(struct td *td, struct world *world);

/*
 * The leaves. Operands and results are in L1's registers; the completion status is returned and
 * goes to RAX, but for TDG.VP.ENTER that enters.
 */
uint64_t tdg_vp_vmcall(struct td *td);
uint64_t tdg_vp_info(struct td *td);
uint64_t tdg_vp_veinfo_get(struct td *td);
uint64_t tdg_mem_page_accept(struct td *td);
uint64_t tdg_vm_rd(struct td *td);
uint64_t tdg_vm_wr(struct td *td);
uint64_t tdg_vp_rd(struct td *td);
uint64_t tdg_vp_wr(struct td *td);
uint64_t tdg_sys_rd(struct td *td);
uint64_t tdg_mem_page_attr_rd(struct td *td);
uint64_t tdg_mem_page_attr_wr(struct td *td);
uint64_t tdg_vp_enter(struct td *td);
uint64_t tdg_vp_invept(struct td *td);

#endif
