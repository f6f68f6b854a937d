/*
 * MSRs that L2 may touch without an exit to svsm, as far as the TD's own policy passes them.
 *
 * Source of the policy: intel/tdx-module, branch tdx_1.5, include/auto_gen/msr_config_lookup.c.
 */
#ifndef SVSM_VCPU_MSR_BITMAP_H
#define SVSM_VCPU_MSR_BITMAP_H

/* Writes the words of L2's MSR bitmap that differ from all-ones, the initial value. */
void msr_bitmap_write(void);

#endif
