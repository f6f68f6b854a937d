#include "host/mmio.h"

#include <stddef.h>

#include "host/io.h"
#include "host/physical.h"
#include "module/pages.h"

struct range {
    uint64_t start, end;
};

/* Nothing a TD may reach: RAM, and the page and message window of the local APIC. */
static struct range refused[] = {
    {0, MACHINE_RAM_BELOW},
    {0xfee00000, 0xfef00000},
    {MACHINE_4G, MACHINE_4G},
};

/* A TPM is looked for here; QEMU reads zero where nothing is, of which a TD asks ever again. */
static const struct range empty = {0xfed40000, 0xfed45000};

void mmio_start(const struct machine *machine)
{
    refused[2].end = machine->hpa_pool_end;
}

static bool touches(const struct range *range, uint64_t at, unsigned size)
{
    return at < range->end && at + size > range->start;
}

static bool permitted(uint64_t at, unsigned size)
{
    bool good = at + size <= GPA_SHARED_BIT;

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        good = good && !touches(&refused[i], at, size);
    return good;
}

bool host_mmio(uint64_t gpa, unsigned size, bool write, uint64_t *value)
{
    uint64_t at = gpa ^ GPA_SHARED_BIT;

    if ((size != 1 && size != 2 && size != 4 && size != 8) || at >= GPA_SHARED_BIT ||
        !permitted(at, size))
        return false;
    if (touches(&empty, at, size)) {
        if (!write)
            *value = UINT64_MAX >> (64 - 8 * size);
    } else if (write) {
        physical_device_write(at, size, *value);
    } else {
        *value = physical_device_read(at, size);
    }
    return true;
}
