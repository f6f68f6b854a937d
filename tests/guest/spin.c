/*
 * spin TICKS: runs in user space, without a system call, until the TSC has advanced so far. What
 * leaves it meanwhile are the interrupts that the kernel has asked for.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
    uint64_t ticks = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t start = __rdtsc();

    if (ticks == 0) {
        fputs("usage: spin TICKS\n", stderr);
        return 2;
    }
    while (__rdtsc() - start < ticks)
        continue;
    return 0;
}
