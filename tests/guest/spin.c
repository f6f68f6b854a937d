/*
 * spin TICKS: runs in user space without a system call until the TSC has advanced so far, with the
 * kernel's timer (TSC deadline mode) off meanwhile: nothing that the kernel asked for interrupts
 * it. Needs the kernel's msr module.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#define MSR_TSC_DEADLINE 0x6e0
#define SOON             1000000 /* ticks */

static int set_deadline(int msr, uint64_t deadline)
{
    if (pwrite(msr, &deadline, sizeof(deadline), MSR_TSC_DEADLINE) == (ssize_t)sizeof(deadline))
        return 0;
    fprintf(stderr, "spin: TSC_DEADLINE: %s\n", strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    uint64_t ticks = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    int msr = open("/dev/cpu/0/msr", O_RDWR | O_CLOEXEC);

    if (ticks == 0 || msr < 0) {
        fputs(ticks == 0 ? "usage: spin TICKS\n" : "spin: no /dev/cpu/0/msr\n", stderr);
        return 2;
    }
    if (set_deadline(msr, 0))
        return 1;
    uint64_t start = __rdtsc();
    while (__rdtsc() - start < ticks)
        continue;
    /* The kernel still waits for the interrupt that it had set before. */
    return set_deadline(msr, __rdtsc() + SOON);
}
