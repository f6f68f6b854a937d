/*
 * Interrupts of L1: which of those that the host delivers are L2's, and svsm's own timer.
 *
 * svsm sees every write to an MSI-X table, so it knows the vectors that L2 has asked devices for;
 * those alone go on to L2's virtual APIC. Whatever else the host injects is dropped and counted.
 */
#ifndef SVSM_IRQ_IRQ_H
#define SVSM_IRQ_IRQ_H

#include <stdint.h>

/* Turns svsm's own local APIC on, with its timer in TSC-deadline mode. */
void irq_start(void);

void irq_arrived(uint8_t vector);

/* Interrupts that nobody had asked for. */
uint64_t irq_dropped(void);

/* Has the host wake svsm at this TSC; UINT64_MAX: not at all. The host may fail to. */
void irq_arm_timer(uint64_t deadline);

/* L2 wrote `value` at `offset` (0 to 15) of MSI-X entry `entry` of PCI function `function`. */
void irq_msix_write(unsigned function, unsigned entry, unsigned offset, uint32_t value);

#endif
