/*
 * The TDX module's own rules for MOV to CR0 and CR4, of L1 and of L2.
 *
 * Source: intel/tdx-module, branch tdx_1.5, src/common/helpers/helpers.c (write_guest_cr0,
 * write_guest_cr4). Values are without what SVM lacks: CR4.VMXE is 1 for the module and not there
 * in a VMCB.
 */
#ifndef MODULE_CR_H
#define MODULE_CR_H

#include <stdbool.h>
#include <stdint.h>

enum cr_write {
    CR_DONE,     /* may be loaded */
    CR_FAULT,    /* #GP(0) */
    CR_NON_ARCH, /* not for a TD: #VE in L1 */
};

#define CR0_KEPT 0x1ffaffc0ULL /* reserved bits that a write ignores */

enum cr_write cr0_check(uint64_t value, uint64_t cr4, uint64_t efer, bool real_mode_allowed);

/* `value` is what the guest writes, with VMXE as it wrote it. */
enum cr_write cr4_check(uint64_t value, uint64_t efer);

#endif
