/*
 * CMOS as the TD sees it: the machine's RTC, but the registers that tell the memory size tell the
 * TD's.
 *
 * Source: QEMU hw/i386/pc.c (rtc_init: base memory 15h, extended 17h and 30h in KiB, memory above
 * 16 MiB 34h in 64 KiB, above 4 GiB 5bh in 64 KiB); Linux and SeaBIOS read the same.
 */
#ifndef HOST_CMOS_H
#define HOST_CMOS_H

#include <stdbool.h>
#include <stdint.h>

#include "host/machine.h"

#define CMOS_PORT_INDEX 0x70
#define CMOS_PORT_DATA  0x71

void cmos_start(const struct machine *machine);

/* Handler of host/io.c for both ports. */
void cmos_port(uint16_t port, unsigned size, bool write, uint32_t *value);

#endif
