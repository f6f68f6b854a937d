/*
 * The part of the TD's local APIC that the host emulates: what a TD reaches by
 * TDG.VP.VMCALL<Instruction.RDMSR/WRMSR>, and its timer.
 *
 * TPR, EOI, ISR, IRR and SELF_IPI are the TDX module's (module/vapic.h); interrupts are posted
 * there. Source: Intel SDM volume 3A, 10.5 (timer), 10.12 (x2APIC). The bus clock is the TSC's, as
 * CPUID leaf 0x15 tells the TD.
 */
#ifndef HOST_LAPIC_H
#define HOST_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define LAPIC_NEVER UINT64_MAX

struct lapic {
    uint32_t svr, esr, timer_lvt, divide, initial;
    uint32_t lvt[6];   /* 0x82F CMCI, 0x833 to 0x837 */
    uint64_t period;   /* TSC cycles of a periodic timer; 0: it is not one */
    uint64_t deadline; /* TSC of the next timer interrupt, or LAPIC_NEVER */
};

void lapic_reset(struct lapic *lapic);

/* x2APIC registers and TSC_DEADLINE; false: there is no such register. `now` is the TSC. */
MUST_CHECK bool lapic_read(const struct lapic *lapic, uint32_t msr, uint64_t now, uint64_t *value);

/* A write may send an interrupt to the TD's only vCPU: then `vector` is set, otherwise it is 0. */
MUST_CHECK bool lapic_write(struct lapic *lapic, uint32_t msr, uint64_t value, uint64_t now,
                            uint8_t *vector);

/* Vector of the timer interrupt when one is due, else 0; a periodic timer then runs on. */
uint8_t lapic_tick(struct lapic *lapic, uint64_t now);

#endif
