/*
 * Exceptions and interrupts of L1.
 *
 * An exception at an instruction of copy.S goes on at its fixup; any other ends the TD. Interrupts
 * come only inside interrupts_window() and ghci_hlt(); they are noted, acknowledged, and asked for
 * by the run loop.
 */
#ifndef SVSM_ARCH_IDT_H
#define SVSM_ARCH_IDT_H

#include <stdbool.h>
#include <stdint.h>

void idt_load(void);

/* The next interrupt that has come and was not yet taken; false: none. Highest vector first. */
bool interrupt_take(uint8_t *vector);

#endif
