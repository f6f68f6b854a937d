/* What firmware sets up in the q35 chipset itself (Intel 3 Series and ICH9 datasheets). */
#ifndef SVSM_PCI_Q35_H
#define SVSM_PCI_Q35_H

/* Configuration window at PCI_ECAM_BASE, power management block at its place. */
void q35_setup(void);

#endif
