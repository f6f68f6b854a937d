/* Sizes and places of base address registers. */
#ifndef SVSM_PCI_BARS_H
#define SVSM_PCI_BARS_H

#include "pci/pci.h"

/* Free parts of the windows; addresses are handed out upwards. */
struct pci_room {
    uint64_t memory;
    uint64_t memory_end;
    uint64_t io;
    uint64_t io_end;
};

/*
 * Sizes and places the BARs of a type 0 function, whose number is set, and enables what it has.
 * Memory BARs have pages of their own.
 */
void pci_assign_bars(struct pci_function *function, struct pci_room *room);

/* Looks up where the BAR of that register is now, if the function has it. */
void pci_bar_moved(struct pci_function *function, unsigned index);

#endif
