/*
 * PCI bus 0 of a q35 machine on which no firmware has run: svsm assigns the BARs, and remembers
 * where they are, for the exit handlers that see L2's accesses to them.
 *
 * Everything that configuration space says is the host's choice. Source: PCI Local Bus 3.0,
 * sections 6.2.5 and 6.8.2; PCI Express 2.0, 7.2.2; QEMU hw/pci-host/q35.c, hw/isa/lpc_ich9.c.
 */
#ifndef SVSM_PCI_PCI_H
#define SVSM_PCI_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* As loader/dsdt.asl tells L2. */
#define PCI_ECAM_BASE     0xb0000000ULL
#define PCI_ECAM_SIZE     0x00100000ULL /* bus 0 */
#define PCI_WINDOW        0xc0000000ULL
#define PCI_WINDOW_END    0xfe000000ULL
#define PCI_IO_WINDOW     0xc000ULL
#define PCI_IO_WINDOW_END 0xd000ULL
/* For the one function that svsm keeps to itself: no window of L2's. */
#define PCI_OWN_FUNCTION   PCI_FUNCTION(0x1e, 0)
#define PCI_OWN_WINDOW     0xfe000000ULL
#define PCI_OWN_WINDOW_END 0xfe100000ULL

/* A function's number: device and function, as in bits 15:8 of CF8 and 19:12 of an ECAM offset. */
#define PCI_FUNCTION(device, function) ((device) << 3 | (function))

#define PCI_PORT_ADDRESS 0xcf8
#define PCI_PORT_DATA    0xcfc

#define PCI_VENDOR_ID       0x00
#define PCI_DEVICE_ID       0x02
#define PCI_COMMAND         0x04
#define PCI_COMMAND_IO      0x0001U
#define PCI_COMMAND_MEMORY  0x0002U
#define PCI_COMMAND_MASTER  0x0004U
#define PCI_STATUS          0x06
#define PCI_STATUS_CAPS     0x0010U
#define PCI_HEADER_TYPE     0x0e
#define PCI_HEADER_MULTI    0x80U
#define PCI_BAR(index)      (0x10U + 4U * (index))
#define PCI_BAR_IO          0x1U
#define PCI_BAR_TYPE        0x6U
#define PCI_BAR_64          0x4U
#define PCI_CAPABILITIES    0x34
#define PCI_CAP_VENDOR      0x09
#define PCI_CAP_MSIX        0x11
#define PCI_MSIX_ENTRY_SIZE 16U

enum {
    PCI_BARS = 6,
    PCI_FUNCTIONS_MAX = 64
};

struct pci_bar {
    struct gpa at; /* or port */
    uint64_t size; /* a power of two; 0: there is none, or it could not be assigned */
    bool io;
    bool wide; /* 64-bit: the register after it holds the upper half */
};

struct pci_function {
    unsigned number;
    uint16_t vendor;
    uint16_t device;
    struct pci_bar bars[PCI_BARS]; /* a 64-bit one has the index of its lower half */
    struct {
        unsigned entries;   /* 0: no MSI-X */
        uint8_t capability; /* offset in configuration space */
        unsigned bar;       /* where the table is, and where in it */
        uint32_t offset;
    } msix;
};

/*
 * Turns on the configuration window and the power management block, then finds, sizes, places and
 * enables every function of bus 0. A BAR that makes no sense stays unassigned, with one printed
 * line, and so do functions beyond PCI_FUNCTIONS_MAX. Call once, before L2 runs.
 */
void pci_setup(void);

/* The functions that L2 has, ascending. */
const struct pci_function *pci_functions(size_t *count);

/* The one of them that svsm keeps, PCI_OWN_FUNCTION; NULL: there is none. */
const struct pci_function *pci_own_function(void);

/* Whether L2 must find nothing at this number of bus 0. */
bool pci_hidden(unsigned number);

/*
 * Whether all of the `size` bytes at `at` lie in one entry of an MSI-X table: of which function,
 * which entry, and where in it. Out-parameters are untouched otherwise.
 */
bool pci_msix_entry(struct gpa at, unsigned size, unsigned *function, unsigned *entry,
                    unsigned *offset);

/*
 * To be told of each write of L2 to configuration space, once it is done: a BAR that L2 moved is
 * looked up again.
 */
void pci_config_written(unsigned number, unsigned offset);

/* Configuration space; `offset` is a multiple of `size`. All ones when the host refuses. */
uint32_t pci_config_read(unsigned number, unsigned offset, unsigned size);
void pci_config_write(unsigned number, unsigned offset, unsigned size, uint32_t value);

/*
 * The first capability `id` in the list, at most 48 steps long, behind offset `after` (0: from the
 * start); 0 when there is none.
 */
uint8_t pci_capability(unsigned number, uint8_t id, uint8_t after);

/* Asks for ACPI S5 through the power management block. Returns when the host does not obey. */
void pci_power_off(void);

#endif
