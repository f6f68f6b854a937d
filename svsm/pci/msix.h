/* Where the MSI-X tables are (PCI Local Bus 3.0, 6.8.2). */
#ifndef SVSM_PCI_MSIX_H
#define SVSM_PCI_MSIX_H

#include "pci/pci.h"

/* Fills function->msix; its BARs are assigned. A table that is not inside one is left out. */
void pci_msix_find(struct pci_function *function);

#endif
