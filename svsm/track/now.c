#include "track/now.h"

#include "arch/cpu.h"

uint64_t track_now(void)
{
    return tsc_read();
}

uint64_t track_random(void)
{
    return rdrand();
}
