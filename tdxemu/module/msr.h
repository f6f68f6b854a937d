/*
 * MSRs that the TDX module answers itself, for L1 and L2 alike.
 *
 * Source: intel/tdx-module, branch tdx_1.5, src/td_dispatcher/vm_exits/td_msr_access.c.
 */
#ifndef MODULE_MSR_H
#define MODULE_MSR_H

#include <stdbool.h>
#include <stdint.h>

#include "module/td.h"

enum msr_result {
    MSR_DONE,
    MSR_FAULT,    /* #GP(0) */
    MSR_NON_ARCH, /* #VE in L1, an exit to L1 from L2 */
    MSR_NOT_HERE  /* not one of these */
};

/* EFER, XSS, DEBUGCTL, MISC_ENABLE, capabilities. `l2`: the access is L2's. */
enum msr_result msr_module_read(const struct td *td, bool l2, uint32_t msr, uint64_t *value);
enum msr_result msr_module_write(struct td *td, bool l2, uint32_t msr, uint64_t value);

/* Passes the MSR to the processor when the TD's policy does and `intercept` says no. */
void msr_apply_policy(struct world *world, uint32_t msr, bool write, bool intercept);

/* The MSR ranges that a VMX MSR bitmap covers. */
#define MSR_RANGE      0x2000U
#define MSR_RANGE_HIGH 0xc0000000U

/* The register an MSR stands for in an APIC page; only for 0x800 to 0x8FF. */
static inline unsigned msr_apic_offset(uint32_t msr)
{
    return (msr & 0xffU) << 4;
}

static inline bool msr_is_x2apic(uint32_t msr)
{
    return msr >> 8 == 8;
}

#endif
