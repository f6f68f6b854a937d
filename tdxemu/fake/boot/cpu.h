/* boot/cpu.h for unit tests: the functions that host/ uses, on the devices of fake/devices.h. */
#ifndef BOOT_CPU_H
#define BOOT_CPU_H

#include <stdint.h>

void io_out(uint16_t port, unsigned size, uint32_t value);
uint32_t io_in(uint16_t port, unsigned size);

#endif
