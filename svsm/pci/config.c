/* Configuration space by ports CF8 and CFC (PCI Local Bus 3.0, 3.2.2.3.2). */
#include "pci/pci.h"

#include "tdx/ghci.h"

#define ENABLE 0x80000000U

enum {
    CONFIG_SIZE = 256,
    HEADER_SIZE = 64,
    CAPABILITIES_MAX = (CONFIG_SIZE - HEADER_SIZE) / 4
};

static bool select(unsigned number, unsigned offset)
{
    return ghci_io_write(PCI_PORT_ADDRESS, 4, ENABLE | number << 8 | (offset & 0xfcU));
}

static uint32_t ones(unsigned size)
{
    return UINT32_MAX >> (32 - 8 * size);
}

uint32_t pci_config_read(unsigned number, unsigned offset, unsigned size)
{
    uint32_t value;
    if (!select(number, offset) ||
        !ghci_io_read((uint16_t)(PCI_PORT_DATA + (offset & 3U)), size, &value))
        return ones(size);
    return value & ones(size);
}

/* A host that refuses is not told from one that ignores the write. */
void pci_config_write(unsigned number, unsigned offset, unsigned size, uint32_t value)
{
    if (!select(number, offset) ||
        !ghci_io_write((uint16_t)(PCI_PORT_DATA + (offset & 3U)), size, value))
        return;
}

static uint8_t next_of(unsigned number, unsigned at)
{
    uint32_t offset = pci_config_read(number, at, 1) & 0xfcU;
    return offset < HEADER_SIZE ? 0 : (uint8_t)offset;
}

uint8_t pci_capability(unsigned number, uint8_t id, uint8_t after)
{
    if ((pci_config_read(number, PCI_STATUS, 2) & PCI_STATUS_CAPS) == 0)
        return 0;
    uint8_t at = next_of(number, after == 0 ? PCI_CAPABILITIES : after + 1U);
    for (unsigned steps = 0; at != 0 && steps < CAPABILITIES_MAX; steps++) {
        if (pci_config_read(number, at, 1) == id)
            return at;
        at = next_of(number, at + 1U);
    }
    return 0;
}
