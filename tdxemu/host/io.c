#include "host/io.h"

#include <stddef.h>

#include "abi/fw_cfg.h"
#include "boot/cpu.h"
#include "host/cmos.h"
#include "host/counters.h"
#include "host/fw_cfg_td.h"
#include "host/mmio.h"
#include "host/power.h"

typedef void port_handler(uint16_t port, unsigned size, bool write, uint32_t *value);

static void pass(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    if (!write) {
        *value = io_in(port, size);
        return;
    }
    if (power_ends(port, size, *value))
        counters_dump();
    io_out(port, size, *value);
}

/* As where there is no device. */
static void absent(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    (void)port;
    if (!write)
        *value = UINT32_MAX >> (32 - 8 * size);
}

/* The machine answers an access by its first port, whatever its size. */
static const struct {
    uint16_t first, last;
    port_handler *handle;
} handlers[] = {
    {CMOS_PORT_INDEX, CMOS_PORT_DATA, cmos_port},
    {0xe9, 0xe9, absent},
    {0xf4, 0xf7, absent},
    {FW_CFG_PORT_SELECT, FW_CFG_PORT_DATA, fw_cfg_td_port},
    {FW_CFG_PORT_DMA, FW_CFG_PORT_DMA + 7, fw_cfg_td_dma_port},
    {0, UINT16_MAX, pass},
};

void host_io_start(const struct machine *machine)
{
    fw_cfg_td_start(machine);
    cmos_start(machine);
    mmio_start(machine);
}

bool host_io(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    size_t i = 0;

    if (size != 1 && size != 2 && size != 4)
        return false;
    while (port < handlers[i].first || port > handlers[i].last)
        i++;
    handlers[i].handle(port, size, write, value);
    return true;
}
