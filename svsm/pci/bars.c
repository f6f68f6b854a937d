#include "pci/bars.h"

#include "abi/x86_paging.h"
#include "arch/print.h"

#define IO_MASK     0xfffffffcU
#define MEMORY_MASK 0xfffffff0U
#define IO_HIGH     0xffff0000U /* may be read as zeros */

/* A BAR as all ones written to it were read back. */
struct sized {
    uint64_t size; /* 0: there is none */
    bool io;
    bool wide;
    bool bad;
};

static uint32_t probe(unsigned number, unsigned index)
{
    pci_config_write(number, PCI_BAR(index), 4, UINT32_MAX);
    return pci_config_read(number, PCI_BAR(index), 4);
}

static bool power_of_two(uint64_t value)
{
    return (value & (value - 1)) == 0;
}

static struct sized size_bar(unsigned number, unsigned index)
{
    struct sized bar = {.size = 0};
    uint32_t low = probe(number, index);
    uint32_t type = low & PCI_BAR_TYPE;
    uint64_t mask;

    if (low == 0)
        return bar;
    bar.io = (low & PCI_BAR_IO) != 0;
    bar.wide = !bar.io && type == PCI_BAR_64;
    if (bar.io)
        mask = ~(uint64_t)UINT32_MAX | IO_HIGH | (low & IO_MASK);
    else
        mask = ~(uint64_t)UINT32_MAX | (low & MEMORY_MASK);
    if (bar.wide && index + 1 < PCI_BARS)
        mask = (uint64_t)probe(number, index + 1) << 32 | (low & MEMORY_MASK);
    bar.size = ~mask + 1;
    bar.bad = bar.size == 0 || !power_of_two(bar.size) || (bar.wide && index + 1 == PCI_BARS) ||
              (!bar.io && type != 0 && type != PCI_BAR_64);
    return bar;
}

static bool take(uint64_t *next, uint64_t end, uint64_t size, uint64_t alignment, uint64_t *at)
{
    uint64_t start = (*next + alignment - 1) & ~(alignment - 1);
    if (start < *next || start > end || size > end - start)
        return false;
    *at = start;
    *next = start + size;
    return true;
}

static bool take_room(const struct sized *bar, struct pci_room *room, uint64_t *at)
{
    if (bar->bad)
        return false;
    if (bar->io)
        return take(&room->io, room->io_end, bar->size, bar->size, at);
    uint64_t size = bar->size < X86_PAGE_SIZE ? X86_PAGE_SIZE : bar->size;
    return take(&room->memory, room->memory_end, size, size, at);
}

static void write_bar(unsigned number, unsigned index, const struct sized *bar, uint64_t at)
{
    pci_config_write(number, PCI_BAR(index), 4, (uint32_t)at);
    if (bar->wide && index + 1 < PCI_BARS)
        pci_config_write(number, PCI_BAR(index + 1), 4, 0);
}

/* Returns the command bits that the BAR needs; 0 when it has no place. */
static uint32_t assign(struct pci_function *function, unsigned index, const struct sized *bar,
                       struct pci_room *room)
{
    uint64_t at;
    if (!take_room(bar, room, &at)) {
        print("svsm: PCI function %02x: BAR %u of 0x%lx bytes is left out\n", function->number,
              index, (unsigned long)bar->size);
        write_bar(function->number, index, bar, 0);
        return 0;
    }
    write_bar(function->number, index, bar, at);
    function->bars[index] = (struct pci_bar){gpa(at), bar->size, bar->io, bar->wide};
    return bar->io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
}

void pci_assign_bars(struct pci_function *function, struct pci_room *room)
{
    unsigned number = function->number;
    uint32_t command = pci_config_read(number, PCI_COMMAND, 2);
    uint32_t enabled = 0;
    command &= ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    pci_config_write(number, PCI_COMMAND, 2, command);
    for (unsigned index = 0; index < PCI_BARS; index++) {
        struct sized bar = size_bar(number, index);
        if (bar.size != 0 || bar.bad)
            enabled |= assign(function, index, &bar, room);
        index += bar.wide;
    }
    if (enabled != 0)
        pci_config_write(number, PCI_COMMAND, 2, command | enabled | PCI_COMMAND_MASTER);
}

void pci_bar_moved(struct pci_function *function, unsigned index)
{
    if (function->bars[index].size == 0 && index > 0 && function->bars[index - 1].wide)
        index--;
    struct pci_bar *bar = &function->bars[index];
    if (bar->size == 0)
        return;
    uint64_t at = pci_config_read(function->number, PCI_BAR(index), 4);
    at &= bar->io ? IO_MASK : MEMORY_MASK;
    if (bar->wide && index + 1 < PCI_BARS)
        at |= (uint64_t)pci_config_read(function->number, PCI_BAR(index + 1), 4) << 32;
    bar->at = gpa(at);
}
