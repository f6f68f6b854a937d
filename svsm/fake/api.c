/* svsm's own API over the fake host. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/fw_cfg.h"
#include "abi/tdx_fields.h"
#include "arch/fatal.h"
#include "arch/print.h"
#include "fake/host.h"
#include "mem/memory.h"
#include "tdx/ghci.h"
#include "tdx/tdx.h"

struct fake_host fake_host;

enum {
    SHARED_SIZE = 0x10000
};
static _Alignas(4096) unsigned char shared_bytes[SHARED_SIZE];

void fake_host_reset(void)
{
    for (size_t i = 0; i < fake_host.range_count; i++)
        free(fake_host.backing[i]);
    memset(&fake_host, 0, sizeof fake_host);
    memset(shared_bytes, 0xa5, sizeof shared_bytes);
}

const struct memory_shared *memory_shared(void)
{
    static const struct memory_shared shared = {shared_bytes, {0x40000000}, SHARED_SIZE};
    return &shared;
}

void *memory_l2(struct gpa at, uint64_t length)
{
    for (size_t i = 0; i < fake_host.range_count; i++) {
        const struct guestmem_range *range = &fake_host.ranges[i];
        uint64_t offset = at.v - range->start.v;
        if (at.v >= range->start.v && offset <= range->size && length <= range->size - offset)
            return fake_host.backing[i] == NULL ? NULL : fake_host.backing[i] + offset;
    }
    return NULL;
}

size_t memory_l2_ranges(const struct guestmem_range **ranges)
{
    *ranges = fake_host.ranges;
    return fake_host.range_count;
}

void fake_l2_ram(uint64_t start, uint64_t size)
{
    size_t i = fake_host.range_count++;
    fake_host.ranges[i] = (struct guestmem_range){gpa(start), size};
    fake_host.backing[i] = calloc(1, size);
}

void print(const char *format, ...)
{
    size_t used = strlen(fake_host.printed);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fake_host.printed + used, sizeof fake_host.printed - used, format, arguments);
    va_end(arguments);
}

void fatal(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fake_host.fatal, sizeof fake_host.fatal, format, arguments);
    va_end(arguments);
    longjmp(fake_host.gave_up, 1);
}

uint64_t tdx_vm_rd(uint64_t field, uint64_t *value)
{
    uint64_t index = field - TDCS_MRCONFIGID;
    if (fake_host.field_status != 0 || index >= 6)
        return fake_host.field_status | 1ULL << 63;
    *value = fake_host.fields[index];
    return 0;
}

bool ghci_io_write(uint16_t port, unsigned size, uint32_t value)
{
    if (fake_host.refuses_io)
        return false;
    if (port == FW_CFG_PORT_DMA || port == FW_CFG_PORT_DMA + 4)
        return size == 4 && fake_fw_cfg_dma(port - FW_CFG_PORT_DMA, value);
    if (fake_pci_io(port, size, true, &value))
        return true;
    fake_host.last_out.port = port;
    fake_host.last_out.value = value;
    return true;
}

bool ghci_io_read(uint16_t port, unsigned size, uint32_t *value)
{
    if (fake_host.refuses_io)
        return false;
    if (!fake_pci_io(port, size, false, value))
        *value = UINT32_MAX;
    return true;
}

bool ghci_mmio_read(struct gpa at, unsigned size, uint64_t *value)
{
    *value = UINT64_MAX;
    return fake_host.mmio == NULL || fake_host.mmio(at, size, false, value);
}

bool ghci_mmio_write(struct gpa at, unsigned size, uint64_t value)
{
    return fake_host.mmio == NULL || fake_host.mmio(at, size, true, &value);
}

bool ghci_wrmsr(uint32_t msr, uint64_t value)
{
    (void)msr;
    (void)value;
    return !fake_host.refuses_io;
}
