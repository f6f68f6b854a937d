/* PCI configuration space of the fake host, by ports CF8 and CFC (PCI Local Bus 3.0, 3.2.2.3.2). */
#include <string.h>

#include "base/bytes.h"
#include "fake/host.h"

static uint32_t address;

struct fake_function *fake_function(unsigned number, uint16_t vendor, uint16_t device)
{
    struct fake_function *function = &fake_host.functions[fake_host.function_count++];
    memset(function, 0, sizeof *function);
    function->number = number;
    fake_config_set(function, 0, (uint32_t)device << 16 | vendor);
    memset(function->writable + 4, 0xff, 2);
    if (number % 8 != 0)
        for (size_t i = 0; i < fake_host.function_count; i++)
            if (fake_host.functions[i].number == number - number % 8)
                fake_host.functions[i].config[0x0e] |= 0x80;
    return function;
}

void fake_config_set(struct fake_function *function, unsigned offset, uint32_t value)
{
    memcpy(function->config + offset, &value, sizeof value);
}

uint32_t fake_config(const struct fake_function *function, unsigned offset)
{
    return load_le32(function->config + offset);
}

void fake_bar(struct fake_function *function, unsigned index, uint64_t size, uint32_t flags)
{
    uint64_t mask = ~(size - 1) & ~(uint64_t)((flags & 1) != 0 ? 3 : 15);
    size_t bytes = (flags & 7) == 4 ? 8 : 4;
    fake_config_set(function, 0x10 + 4 * index, flags);
    memcpy(function->writable + 0x10 + 4 * (size_t)index, &mask, bytes);
}

void fake_msix(struct fake_function *function, uint8_t at, unsigned entries, unsigned bar,
               uint32_t offset)
{
    uint32_t next = function->config[0x34];
    fake_config_set(function, at, 0x11 | next << 8 | (entries - 1) << 16);
    fake_config_set(function, at + 4U, offset | bar);
    function->config[0x34] = at;
    function->config[6] |= 0x10;
}

static struct fake_function *addressed(void)
{
    if ((address & 0x80ff0000U) != 0x80000000U)
        return NULL;
    for (size_t i = 0; i < fake_host.function_count; i++)
        if (fake_host.functions[i].number == (address >> 8 & 0xff))
            return &fake_host.functions[i];
    return NULL;
}

static void config_io(struct fake_function *function, unsigned offset, unsigned size, bool write,
                      uint32_t *value)
{
    if (!write)
        *value = 0;
    for (unsigned i = 0; i < size; i++) {
        unsigned char *byte = &function->config[offset + i];
        unsigned char mask = function->writable[offset + i];
        if (write)
            *byte = (unsigned char)((*byte & ~mask) | (*value >> 8 * i & mask));
        else
            *value |= (uint32_t)*byte << 8 * i;
    }
}

bool fake_pci_io(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    if (port == 0xcf8 && size == 4) {
        if (write)
            address = *value;
        else
            *value = address;
        return true;
    }
    if (port < 0xcfc || port + size > 0xd00)
        return false;
    struct fake_function *function = addressed();
    fake_host.config_accesses++;
    if (function != NULL)
        config_io(function, (address & 0xfc) + (port & 3U), size, write, value);
    else if (!write)
        *value = UINT32_MAX;
    return true;
}
