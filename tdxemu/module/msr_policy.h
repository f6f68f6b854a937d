/*
 * What the TDX module does about the TD's RDMSR and WRMSR.
 *
 * Source: intel/tdx-module, branch tdx_1.5, include/auto_gen/msr_config_lookup.c as carried in
 * abi/spec/tdx-module-msrs.csv; src/td_dispatcher/vm_exits/td_msr_access.c. For a TD without
 * PERFMON, PT, CET, UINTR, LBR, PKS, WAITPKG, TSX and XFD, whose MSRs then are intercepted.
 */
#ifndef MODULE_MSR_POLICY_H
#define MODULE_MSR_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum msr_action {
    MSR_NATIVE,   /* the access does not exit */
    MSR_MODULE,   /* exits, and the module itself answers */
    MSR_VE,       /* #VE in L1; from L2 an exit to L1 */
    MSR_GP,       /* #GP(0) */
    MSR_GP_OR_VE, /* #VE when the TD's CPUID has the feature of the MSR, else #GP(0) */
};

/* An MSR that the module's table does not name is MSR_VE. */
enum msr_action msr_policy(uint32_t msr, bool write);

#endif
