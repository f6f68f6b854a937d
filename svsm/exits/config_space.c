#include "exits/config_space.h"

#include "pci/pci.h"
#include "tdx/ghci.h"

enum {
    PORT_ADDRESS = 0xcf8,
    PORT_DATA = 0xcfc
};

#define ADDRESS_ENABLE   0x80000000U
#define ADDRESS_WRITABLE 0x80fffffcU

static uint32_t address;

bool config_space_port(uint16_t port, unsigned size)
{
    return port >= PORT_ADDRESS && port + size <= PORT_DATA + 4U;
}

/* Bus 0 only, and not svsm's device. */
static bool is_l2s(unsigned bus, unsigned slot)
{
    return bus == 0 && slot != PCI_SVSM_SLOT;
}

static bool is_selected(void)
{
    return (address & ADDRESS_ENABLE) != 0 && is_l2s(address >> 16 & 0xff, address >> 11 & 0x1f) &&
           ghci_io_write(PORT_ADDRESS, 4, address);
}

uint32_t config_space_in(uint16_t port, unsigned size)
{
    uint32_t value = UINT32_MAX;

    if (port < PORT_DATA)
        return port == PORT_ADDRESS && size == 4 ? address : UINT32_MAX >> (32 - 8 * size);
    if (!is_selected() || !ghci_io_read(port, size, &value))
        value = UINT32_MAX;
    return value & UINT32_MAX >> (32 - 8 * size);
}

void config_space_out(uint16_t port, unsigned size, uint32_t value)
{
    if (port == PORT_ADDRESS && size == 4)
        address = value & ADDRESS_WRITABLE;
    if (port < PORT_DATA || !is_selected())
        return;
    if (!ghci_io_write(port, size, value))
        return; /* lost, as on a bus without the device */
    pci_config_written(address >> 11 & 0x1f, address >> 8 & 7, (address & 0xfc) + (port & 3));
}

bool config_space_ecam_allowed(struct gpa at)
{
    uint64_t offset = at.v - PCI_ECAM_BASE;

    return is_l2s((unsigned)(offset >> 20), (unsigned)(offset >> 15 & 0x1f));
}
