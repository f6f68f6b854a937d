/* The end of a run: how a TD powers the machine off, or resets it. */
#ifndef HOST_POWER_H
#define HOST_POWER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether that write of the TD powers the machine off (sleep enable in PM1a control of the q35's
 * PM block, ICH9 13.8.3.3) or resets it (reset control 0xcf9, port 0x92, keyboard command 0xfe).
 */
bool power_ends(uint16_t port, unsigned size, uint32_t value);

#endif
