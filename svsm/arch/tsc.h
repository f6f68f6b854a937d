/* The one clock that the host cannot touch: the TDX module fixes its offset and its scale. */
#ifndef SVSM_ARCH_TSC_H
#define SVSM_ARCH_TSC_H

#include <stdint.h>

/* Reads the frequency once, from CPUID leaf 15H; a TD without it ends. */
void tsc_start(void);

uint64_t tsc_hz(void);

/* Ticks in so many microseconds, at most UINT32_MAX of them. */
uint64_t tsc_of_us(uint64_t microseconds);

#endif
