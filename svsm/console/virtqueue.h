/* A split virtqueue in memory (OASIS Virtio 1.1, section 2.6), little-endian. */
#ifndef SVSM_CONSOLE_VIRTQUEUE_H
#define SVSM_CONSOLE_VIRTQUEUE_H

#include <stdint.h>

enum {
    VIRTQUEUE_SIZE = 8,
    VIRTQUEUE_NO_INTERRUPT = 1 /* flag of the available ring */
};

struct virtqueue_descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags; /* 0: the device reads, and the chain ends here */
    uint16_t next;
};

struct virtqueue_used {
    uint32_t id; /* of the chain's first descriptor */
    uint32_t length;
};

struct virtqueue {
    struct virtqueue_descriptor descriptors[VIRTQUEUE_SIZE];
    struct {
        uint16_t flags;
        uint16_t index; /* chains made available so far, modulo 2^16 */
        uint16_t ring[VIRTQUEUE_SIZE];
    } available;
    _Alignas(4) struct {
        uint16_t flags;
        uint16_t index; /* chains used so far */
        struct virtqueue_used ring[VIRTQUEUE_SIZE];
    } used;
};

_Static_assert(sizeof(struct virtqueue_descriptor) == 16, "Virtio 1.1, 2.6.5");
_Static_assert(sizeof(struct virtqueue_used) == 8, "Virtio 1.1, 2.6.8");

#endif
