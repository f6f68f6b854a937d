/*
 * What tdxemu counts: exits of the machine's virtual CPU, TDCALLs, TDVMCALLs, exits of L2.
 *
 * Counting is one increment in a table. Names are those of the specifications: APM volume 2,
 * appendix C, without "VMEXIT_"; TDX module ABI; GHCI; SDM volume 3, appendix C, as in abi/vmx.h.
 */
#ifndef HOST_COUNTERS_H
#define HOST_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

/* An exit of SVM, by the EXITCODE of the VMCB. */
void counter_exit(uint64_t code);

/* A TDCALL, by its leaf. */
void counter_tdcall(unsigned leaf);

/* A TDVMCALL, by R11. */
void counter_tdvmcall(uint64_t function);

/* An exit of L2 that the module reports to L1, by its basic VMX reason. */
void counter_l2_exit(unsigned reason);

/*
 * The guest ran from `start` to `end` in ticks of the TSC, L2 or L1; what lies between two of these
 * is tdxemu's own. Under -icount ticks are instructions, and those of VMRUN and of the switch
 * itself count as the guest's.
 */
void counter_ran(bool l2, uint64_t start, uint64_t end);

/*
 * Prints one line of JSON: {"event.action":"tdxemu"} and the objects "exits", "tdcalls",
 * "tdvmcalls" and "l2_exits", each of counts by name; what is zero is left out, what has no name is
 * summed up as "other"; and "ticks" of "L1", "L2" and "tdxemu".
 */
void counters_dump(void);

#endif
