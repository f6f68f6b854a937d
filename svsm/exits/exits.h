/*
 * Exits from L2 to L1, one file a reason, named as the SDM names it.
 *
 * L2 is hostile: nothing that it does may end svsm, make it loop, or reach what is not L2's. What a
 * processor would refuse is refused by the exception that the processor would raise.
 */
#ifndef SVSM_EXITS_EXITS_H
#define SVSM_EXITS_EXITS_H

#include "vcpu/vcpu.h"

/* Answers vcpu->exit. */
void exit_dispatch(struct vcpu *vcpu);

typedef void exit_handler(struct vcpu *vcpu);

exit_handler exit_cpuid;
exit_handler exit_ept_violation;
exit_handler exit_hlt;
exit_handler exit_io;
exit_handler exit_rdmsr;
exit_handler exit_tdcall;
exit_handler exit_triple_fault;
exit_handler exit_wrmsr;
exit_handler exit_xsetbv;

/* CPUID as L2 sees it. */
struct cpuid cpuid_of_l2(uint32_t leaf, uint32_t subleaf);

/* MSRs that L2 does not reach by itself; false: #GP. */
MUST_CHECK bool msr_read_of_l2(uint32_t msr, uint64_t *value);
MUST_CHECK bool msr_write_of_l2(uint32_t msr, uint64_t value);

/* A port of 1, 2 or 4 bytes: what L2 has no business with reads as ones and swallows writes. */
uint32_t port_read_of_l2(struct vcpu *vcpu, uint16_t port, unsigned size);
void port_write_of_l2(struct vcpu *vcpu, uint16_t port, unsigned size, uint32_t value);

/* Device memory of 1, 2, 4 or 8 bytes; false: not L2's. */
MUST_CHECK bool mmio_read_of_l2(struct gpa at, unsigned size, uint64_t *value);
MUST_CHECK bool mmio_write_of_l2(struct gpa at, unsigned size, uint64_t value);

/* L2 sleeps; with interrupts blocked it does so for good, and the TD ends. */
void halt_of_l2(struct vcpu *vcpu, bool blocked);

/* TDG.VP.VMCALL of L2, RCX to R15 as they are in its registers. */
void tdvmcall_of_l2(struct vcpu *vcpu);

#endif
