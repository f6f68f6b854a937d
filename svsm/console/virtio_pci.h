/*
 * Virtio devices over PCI, as far as a driver of one output queue needs them.
 *
 * The device is the host's: whatever it answers is checked. Source: OASIS Virtio 1.1, sections 2.6,
 * 3.1 and 4.1. Structures in PCI memory are reached by TDVMCALL.
 */
#ifndef SVSM_CONSOLE_VIRTIO_PCI_H
#define SVSM_CONSOLE_VIRTIO_PCI_H

#include <stdbool.h>

#include "base/status.h"
#include "pci/pci.h"

#define VIRTIO_VENDOR         0x1af4
#define VIRTIO_DEVICE_CONSOLE 0x1043 /* 0x1040 + device type 3 */

struct virtio_pci {
    struct gpa common;      /* common configuration structure */
    struct gpa notify;      /* notification structure */
    uint64_t notify_length; /* bytes of it */
    uint32_t notify_multiplier;
};

struct virtio_queue_place {
    uint16_t index;
    uint16_t size;          /* entries, a power of two */
    struct gpa descriptors; /* 16-byte aligned; without the shared bit */
    struct gpa driver_area; /* available ring */
    struct gpa device_area; /* used ring */
};

/* Finds the structures of a modern device; its BARs are assigned. False: it has none that fit. */
MUST_CHECK bool virtio_pci_find(const struct pci_function *function, struct virtio_pci *device);

/*
 * Resets the device and negotiates VERSION_1 and ACCESS_PLATFORM, both required, and nothing else:
 * without the latter a device need not use the addresses that the driver gives.
 */
MUST_CHECK bool virtio_pci_negotiate(const struct virtio_pci *device);

/* Gives the device a queue; `*doorbell` is where to write the queue's index then. */
MUST_CHECK bool virtio_pci_queue(const struct virtio_pci *device,
                                 const struct virtio_queue_place *place, struct gpa *doorbell);

/* DRIVER_OK: the device may use its queues. */
MUST_CHECK bool virtio_pci_go(const struct virtio_pci *device);

#endif
