/*
 * L2's local APIC, in x2APIC mode: the virtual-APIC page, whose TPR, EOI and SELF_IPI the TDX
 * module serves by itself (virtual-interrupt delivery), and the registers that exit to svsm.
 *
 * Source: Intel SDM volume 3A, chapter 10; volume 3C, chapter 30. One vCPU: an IPI goes to itself
 * or nowhere. The timer has TSC-deadline mode only, which CPUID tells L2.
 */
#ifndef SVSM_IRQ_L2_APIC_H
#define SVSM_IRQ_L2_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/tdx_enter.h"
#include "base/addr.h"
#include "base/status.h"

/* Reset values; `guest` is the state page, whose interrupt status is kept up to date. */
void l2_apic_start(struct l2_enter_guest_state *guest);

struct gpa l2_apic_page(void);

/* Makes `vector` (32 to 255) pending in L2. */
void l2_apic_request(uint8_t vector);

/* Whether an interrupt is pending that L2's priority lets through, whatever its RFLAGS.IF. */
bool l2_apic_deliverable(void);

/* TSC of L2's timer; UINT64_MAX: not armed. */
uint64_t l2_apic_deadline(void);

/* Requests the timer's interrupt when its deadline has passed. */
void l2_apic_expire(uint64_t now);

/* MSRs 800H to 8FFH and IA32_TSC_DEADLINE that exit; false: #GP. */
MUST_CHECK bool l2_apic_read(uint32_t msr, uint64_t *value);
MUST_CHECK bool l2_apic_write(uint32_t msr, uint64_t value);

#endif
