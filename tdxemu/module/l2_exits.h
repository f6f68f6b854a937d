/*
 * Exits of L2: to L1, to the host, or served by the TDX module itself.
 *
 * Source: intel/tdx-module, branch tdx_1.5, src/td_dispatcher/tdx_td_l2_dispatcher.c and
 * vm_exits_l2/.
 */
#ifndef MODULE_L2_EXITS_H
#define MODULE_L2_EXITS_H

#include "module/td.h"

/* To be called before VMRUN of L2; false: an exit to L1 took its place. */
bool l2_prepare(struct td *td);

/* Routes the exit. */
void l2_exit(struct td *td, const struct vm_exit *exit);

/*
 * L2 to L1 exit: writes L2_ENTER_GUEST_STATE and L1's registers, and makes L1 the current world.
 * `status` is the upper half of RAX (TDX_SUCCESS or TDX_L2_EXIT_), `extended` goes to R13.
 */
void l2_to_l1(struct td *td, const struct vm_exit *exit, uint64_t status, uint64_t extended);

/* An exit that the module makes itself: preemption timer, interrupt window. */
void l2_to_l1_plain(struct td *td, uint32_t reason, uint64_t status);

/* The exit ends in the module or host: what it interrupted goes on. */
void l2_resume(struct td *td, const struct vm_exit *exit);

/* By reason. */
void l2_cr_access(struct td *td, const struct vm_exit *exit);
void l2_rdmsr(struct td *td, const struct vm_exit *exit);
void l2_wrmsr(struct td *td, const struct vm_exit *exit);
void l2_ept_violation(struct td *td, const struct vm_exit *exit);
void l2_tdcall(struct td *td, const struct vm_exit *exit);

#endif
