/* Ports: CMOS, PCI configuration of the LPC bridge, fw_cfg; writes to others are noted. */
#include "boot/cpu.h"

#include <string.h>

#include "abi/fw_cfg.h"
#include "fake/devices.h"

#define LPC 0x8000f800U

static unsigned char cmos[128];
static uint8_t cmos_index;
static uint32_t pci_address, pm_base, acpi_control;
static struct fake_write last;

void fake_reset(void)
{
    fw_cfg_reset();
    pages_reset();
    log_reset();
    memset(cmos, 0, sizeof cmos);
    memset(&last, 0, sizeof last);
    cmos_index = 0;
    pci_address = pm_base = acpi_control = 0;
}

unsigned char *fake_cmos(void)
{
    return cmos;
}

void fake_lpc(uint32_t base, bool enabled)
{
    pm_base = base | 1;
    acpi_control = enabled ? 0x80 : 0;
}

uint32_t fake_pci_address(void)
{
    return pci_address;
}

struct fake_write fake_last_write(void)
{
    return last;
}

static bool is_fw_cfg(uint16_t port)
{
    return port >= FW_CFG_PORT_SELECT && port < FW_CFG_PORT_DMA + 8;
}

void io_out(uint16_t port, unsigned size, uint32_t value)
{
    if (is_fw_cfg(port))
        fw_cfg_out(port, size, value);
    else if (port == 0xcf8 && size == 4)
        pci_address = value;
    else if (port == 0x70)
        cmos_index = value & 0x7f;
    else if (port == 0x71)
        cmos[cmos_index] = (unsigned char)value;
    else
        last = (struct fake_write){port, size, value, last.count + 1};
}

static uint32_t pci_read(void)
{
    if (pci_address == (LPC | 0x40))
        return pm_base;
    return pci_address == (LPC | 0x44) ? acpi_control : UINT32_MAX;
}

uint32_t io_in(uint16_t port, unsigned size)
{
    if (is_fw_cfg(port))
        return fw_cfg_in(port, size);
    if (port == 0xcf8 && size == 4)
        return pci_address;
    if (port == 0xcfc && size == 4)
        return pci_read();
    if (port == 0x71)
        return cmos[cmos_index];
    return UINT32_MAX >> (32 - 8 * size);
}
