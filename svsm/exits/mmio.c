/*
 * Device memory of L2, which asks for it by TDVMCALL: ECAM and the window of BARs. What lies
 * elsewhere outside RAM reads as ones, as a bus without a device does.
 */
#include "exits/config_space.h"
#include "exits/exits.h"
#include "irq/irq.h"
#include "mem/memory.h"
#include "pci/pci.h"
#include "tdx/ghci.h"

static bool within(struct gpa at, unsigned size, uint64_t start, uint64_t end)
{
    return at.v >= start && at.v < end && size <= end - at.v;
}

static bool is_ecam(struct gpa at, unsigned size)
{
    return within(at, size, PCI_ECAM_BASE, PCI_ECAM_BASE + PCI_ECAM_SIZE);
}

static bool is_device(struct gpa at, unsigned size)
{
    if (is_ecam(at, size))
        return config_space_ecam_allowed(at);
    return within(at, size, PCI_WINDOW, PCI_WINDOW_END);
}

bool mmio_read_of_l2(struct gpa at, unsigned size, uint64_t *value)
{
    uint64_t read = ~0ULL;

    if (memory_is_td(at, size))
        return false;
    if (is_device(at, size) && !ghci_mmio_read(at, size, &read))
        read = ~0ULL;
    *value = size == 8 ? read : read & ((1ULL << 8 * size) - 1);
    return true;
}

/* Which vectors devices may raise is read off the writes to their MSI-X tables. */
static void watch_msix(struct gpa at, unsigned size, uint64_t value)
{
    unsigned function = 0;
    unsigned entry = 0;
    unsigned offset = 0;

    if (!pci_msix_entry(at, size, &function, &entry, &offset))
        return;
    for (unsigned i = 0; i + 4 <= size; i += 4)
        irq_msix_write(function, entry, offset + i, (uint32_t)(value >> 8 * i));
}

bool mmio_write_of_l2(struct gpa at, unsigned size, uint64_t value)
{
    if (memory_is_td(at, size))
        return false;
    if (!is_device(at, size))
        return true;
    watch_msix(at, size, value);
    if (!ghci_mmio_write(at, size, value))
        return true; /* lost, as on a bus without the device */
    if (is_ecam(at, size))
        pci_config_written((unsigned)(at.v >> 12 & 0xff), (unsigned)(at.v & 0xfff));
    return true;
}
