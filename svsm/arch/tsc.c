#include "arch/tsc.h"

#include "arch/cpu.h"
#include "arch/fatal.h"

#define TSC_LEAF 0x15

static uint64_t hz;

void tsc_start(void)
{
    struct cpuid tsc = cpuid(TSC_LEAF, 0);

    if (tsc.eax == 0 || tsc.ebx == 0 || tsc.ecx == 0)
        fatal("CPUID leaf 15H does not tell the TSC's frequency");
    hz = (uint64_t)tsc.ecx * tsc.ebx / tsc.eax;
    if (hz < 1000000)
        fatal("CPUID leaf 15H tells a TSC of %lu Hz", hz);
}

uint64_t tsc_hz(void)
{
    return hz;
}

uint64_t tsc_of_us(uint64_t microseconds)
{
    return microseconds * (hz / 1000000) + microseconds * (hz % 1000000) / 1000000;
}
