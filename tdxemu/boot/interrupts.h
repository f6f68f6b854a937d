/*
 * The physical local APIC: device interrupts are noted by vector, and one timer ends VMRUN.
 *
 * Every function runs with interrupts off (IF = 0); they come in only inside interrupts_drain() and
 * interrupts_wait() (boot/cpu.h), or end VMRUN.
 * Source: Intel SDM volume 3A, chapter 10; QEMU hw/intc/apic.c (timer ticks are nanoseconds).
 */
#ifndef BOOT_INTERRUPTS_H
#define BOOT_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

/* Vectors of tdxemu itself; a device that is given one of them stays unheard. */
#define VECTOR_TIMER 0xfeU
#define VECTOR_KICK  0xfdU

#define TIMER_NEVER UINT64_MAX

/* Takes over the IDT and the local APIC, and measures the TSC. */
void interrupts_init(void);

/* Frequency of the TSC in Hz, a multiple of 1 MHz. */
uint64_t tsc_hz(void);

/* Takes the lowest device vector that has arrived; false when none has. */
bool interrupts_take(uint8_t *vector);

/*
 * An interrupt arrives at or soon after this TSC value; TIMER_NEVER: no need of one. One that was
 * asked for earlier still comes: each costs an access to the APIC, and worlds alternate.
 */
void timer_arm(uint64_t deadline);

/* Makes an interrupt pending now, so that the next VMRUN ends before its first instruction. */
void interrupts_kick(void);

#endif
