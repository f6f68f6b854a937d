/* A virtio console of the fake host, in PCI_OWN_FUNCTION: modern, one port, transmit queue only. */
#ifndef TESTS_SVSM_FAKE_CONSOLE_H
#define TESTS_SVSM_FAKE_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_function;

struct fake_console {
    struct fake_function *function;
    uint32_t features_high; /* offered, bits 32 and up */
    uint16_t queue_max;
    uint16_t notify_off;
    bool refuses_features; /* FEATURES_OK does not stay */
    bool never_resets;
    bool idle;             /* takes nothing from the queue */
    bool refuses_doorbell; /* the TDVMCALL fails */
    uint32_t used_id;      /* added to the ids that it reports */
    uint16_t used_skip;    /* added to the index of its used ring, once */
    bool backwards;        /* uses what is available last first */

    unsigned char common[0x38];
    uint32_t driver_features[2];
    uint16_t taken; /* of the available ring */
    uint16_t used;
    unsigned doorbells;
    char text[65536]; /* what was written to it */
    size_t length;
};

extern struct fake_console fake_console;

/* Adds the function; call pci_setup afterwards. */
void fake_console_add(void);

/* Takes everything that is available. */
void fake_console_run(void);

#endif
