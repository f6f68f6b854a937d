#include "pci/pci.h"

#include "arch/print.h"
#include "pci/bars.h"
#include "pci/msix.h"
#include "pci/q35.h"

enum {
    DEVICES = 32,
    FUNCTIONS = 8,
    NO_VENDOR = 0xffff
};

static struct {
    struct pci_function functions[PCI_FUNCTIONS_MAX];
    size_t count;
    struct pci_function own;
    bool has_own;
    bool full;
} bus;

static bool present(unsigned number)
{
    return pci_config_read(number, PCI_VENDOR_ID, 2) != NO_VENDOR;
}

/* A bridge has other registers where a type 0 function has BARs, and stays as it is. */
static struct pci_function describe(unsigned number, struct pci_room *room)
{
    struct pci_function function = {
        .number = number,
        .vendor = (uint16_t)pci_config_read(number, PCI_VENDOR_ID, 2),
        .device = (uint16_t)pci_config_read(number, PCI_DEVICE_ID, 2),
    };
    uint32_t type = pci_config_read(number, PCI_HEADER_TYPE, 1) & ~PCI_HEADER_MULTI;
    if (type == 0) {
        pci_assign_bars(&function, room);
        pci_msix_find(&function);
    }
    return function;
}

static void add(unsigned number, struct pci_room *room)
{
    if (bus.count == PCI_FUNCTIONS_MAX)
        bus.full = true;
    else
        bus.functions[bus.count++] = describe(number, room);
}

static void add_device(unsigned device, struct pci_room *room)
{
    unsigned first = PCI_FUNCTION(device, 0U);
    if (!present(first))
        return;
    bool multi = (pci_config_read(first, PCI_HEADER_TYPE, 1) & PCI_HEADER_MULTI) != 0;
    add(first, room);
    for (unsigned function = 1; multi && function < FUNCTIONS; function++)
        if (present(first + function))
            add(first + function, room);
}

static void add_own(void)
{
    struct pci_room room = {PCI_OWN_WINDOW, PCI_OWN_WINDOW_END, 0, 0};
    bus.has_own = present(PCI_OWN_FUNCTION);
    if (bus.has_own)
        bus.own = describe(PCI_OWN_FUNCTION, &room);
}

void pci_setup(void)
{
    struct pci_room room = {PCI_WINDOW, PCI_WINDOW_END, PCI_IO_WINDOW, PCI_IO_WINDOW_END};
    bus.count = 0;
    bus.full = false;
    q35_setup();
    for (unsigned device = 0; device < DEVICES; device++)
        if (device != PCI_OWN_FUNCTION / FUNCTIONS)
            add_device(device, &room);
    add_own();
    if (bus.full)
        print("svsm: PCI functions beyond the first %u are left out\n", PCI_FUNCTIONS_MAX);
}

const struct pci_function *pci_functions(size_t *count)
{
    *count = bus.count;
    return bus.functions;
}

const struct pci_function *pci_own_function(void)
{
    return bus.has_own ? &bus.own : NULL;
}

static struct pci_function *find(unsigned number)
{
    for (size_t i = 0; i < bus.count; i++)
        if (bus.functions[i].number == number)
            return &bus.functions[i];
    return NULL;
}

/* What was not there when svsm looked is not there for L2 either. */
bool pci_hidden(unsigned number)
{
    return find(number) == NULL;
}

void pci_config_written(unsigned number, unsigned offset)
{
    struct pci_function *function = find(number);
    if (function != NULL && offset >= PCI_BAR(0U) && offset < PCI_BAR(PCI_BARS))
        pci_bar_moved(function, (offset - PCI_BAR(0U)) / 4);
}
