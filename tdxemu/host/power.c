#include "host/power.h"

#include <stddef.h>

#include "boot/cpu.h"

#define PCI_ADDRESS    0xcf8
#define PCI_DATA       0xcfc
#define LPC_CONFIG(at) (0x80000000U | 0x1fU << 11 | (at)) /* 00:1f.0 */

/* ICH9 13.1.13 and 13.1.14. */
#define LPC_PMBASE       0x40U
#define LPC_PMBASE_MASK  0xff80U
#define LPC_ACPI_CNTL    0x44U
#define LPC_ACPI_ENABLE  0x80U
#define PM1_CONTROL      4U
#define PM1_SLEEP_ENABLE 0x2000U

/* A write to `port` of a byte whose bits in `mask` are `value` resets the machine. */
static const struct reset {
    uint16_t port;
    uint8_t mask, value;
} resets[] = {
    {0x64, 0xff, 0xfe},
    {0x92, 0x01, 0x01},
    {0xcf9, 0x04, 0x04},
};

static uint32_t lpc_read(uint32_t at)
{
    io_out(PCI_ADDRESS, 4, LPC_CONFIG(at));
    return io_in(PCI_DATA, 4);
}

/* Whether the PM block is on and its PM1a control at `port`. The TD's own PCI address is kept. */
static bool is_pm1_control(uint16_t port)
{
    uint32_t kept = io_in(PCI_ADDRESS, 4);
    uint32_t base = lpc_read(LPC_PMBASE) & LPC_PMBASE_MASK;
    bool on = (lpc_read(LPC_ACPI_CNTL) & LPC_ACPI_ENABLE) != 0;

    io_out(PCI_ADDRESS, 4, kept);
    return on && port == base + PM1_CONTROL;
}

/* Cheap for all but writes that look right: the block is aligned to 128 bytes. */
static bool sleeps(uint16_t port, unsigned size, uint32_t value)
{
    return size >= 2 && (value & PM1_SLEEP_ENABLE) != 0 &&
           (port & ~LPC_PMBASE_MASK) == PM1_CONTROL && is_pm1_control(port);
}

bool power_ends(uint16_t port, unsigned size, uint32_t value)
{
    for (size_t i = 0; i < sizeof resets / sizeof *resets; i++) {
        if (port == resets[i].port && (value & resets[i].mask) == resets[i].value)
            return true;
    }
    return sleeps(port, size, value);
}
