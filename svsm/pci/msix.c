#include "pci/msix.h"

#include "arch/print.h"
#include "base/checked.h"

#define MSIX_CONTROL    2U
#define MSIX_TABLE      4U
#define MSIX_TABLE_SIZE 0x7ffU
#define MSIX_TABLE_BAR  0x7U

void pci_msix_find(struct pci_function *function)
{
    uint8_t at = pci_capability(function->number, PCI_CAP_MSIX, 0);
    if (at == 0)
        return;
    uint32_t control = pci_config_read(function->number, at + MSIX_CONTROL, 2);
    uint32_t table = pci_config_read(function->number, at + MSIX_TABLE, 4);
    unsigned entries = (control & MSIX_TABLE_SIZE) + 1;
    uint32_t bar = table & MSIX_TABLE_BAR;
    uint32_t offset = table & ~MSIX_TABLE_BAR;
    if (bar >= PCI_BARS || function->bars[bar].io ||
        !range_within(offset, entries * (uint64_t)PCI_MSIX_ENTRY_SIZE, function->bars[bar].size)) {
        print("svsm: PCI function %02x: its MSI-X table is left out\n", function->number);
        return;
    }
    function->msix.entries = entries;
    function->msix.capability = at;
    function->msix.bar = bar;
    function->msix.offset = offset;
}

bool pci_msix_entry(struct gpa at, unsigned size, unsigned *function, unsigned *entry,
                    unsigned *offset)
{
    size_t count;
    const struct pci_function *functions = pci_functions(&count);
    for (size_t i = 0; i < count; i++) {
        uint64_t table = functions[i].bars[functions[i].msix.bar].at.v + functions[i].msix.offset;
        uint64_t bytes = functions[i].msix.entries * (uint64_t)PCI_MSIX_ENTRY_SIZE;
        if (at.v < table || at.v - table >= bytes)
            continue;
        unsigned inside = (unsigned)((at.v - table) % PCI_MSIX_ENTRY_SIZE);
        if (size > PCI_MSIX_ENTRY_SIZE - inside)
            return false;
        *function = functions[i].number;
        *entry = (unsigned)((at.v - table) / PCI_MSIX_ENTRY_SIZE);
        *offset = inside;
        return true;
    }
    return false;
}
