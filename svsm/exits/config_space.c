#include "exits/config_space.h"

#include "pci/pci.h"

#define ADDRESS_ENABLE   0x80000000U
#define ADDRESS_WRITABLE 0x80fffffcU

static uint32_t address;

static uint32_t ones(unsigned size)
{
    return UINT32_MAX >> (32 - 8 * size);
}

bool config_space_port(uint16_t port, unsigned size)
{
    return port >= PCI_PORT_ADDRESS && port + size <= PCI_PORT_DATA + 4U;
}

static bool is_l2s(unsigned bus, unsigned number)
{
    return bus == 0 && !pci_hidden(number);
}

static unsigned selected_number(void)
{
    return address >> 8 & 0xff;
}

/* A data access that is aligned, to a function that L2 has. */
static bool reaches(uint16_t port, unsigned size)
{
    return port >= PCI_PORT_DATA && port % size == 0 && (address & ADDRESS_ENABLE) != 0 &&
           is_l2s(address >> 16 & 0xff, selected_number());
}

uint32_t config_space_in(uint16_t port, unsigned size)
{
    if (port == PCI_PORT_ADDRESS && size == 4)
        return address;
    if (!reaches(port, size))
        return ones(size);
    return pci_config_read(selected_number(), (address & 0xfc) + (port & 3U), size);
}

void config_space_out(uint16_t port, unsigned size, uint32_t value)
{
    if (port == PCI_PORT_ADDRESS && size == 4)
        address = value & ADDRESS_WRITABLE;
    if (!reaches(port, size))
        return;
    unsigned offset = (address & 0xfc) + (port & 3U);
    pci_config_write(selected_number(), offset, size, value);
    pci_config_written(selected_number(), offset);
}

bool config_space_ecam_allowed(struct gpa at)
{
    uint64_t offset = at.v - PCI_ECAM_BASE;

    return is_l2s((unsigned)(offset >> 20), (unsigned)(offset >> 12 & 0xff));
}
