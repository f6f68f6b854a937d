/*
 * svsm's own API over the devices of a real QEMU, driven by its qtest protocol
 * (QEMU docs/devel/testing.rst): no processor runs, every port and register access is a command.
 *
 * RAM is a file that both sides map: the shared buffer and L2's memory are in it.
 */
#ifndef TESTS_SVSM_QEMU_HOST_H
#define TESTS_SVSM_QEMU_HOST_H

#include <stdbool.h>
#include <stddef.h>

enum {
    QEMU_MEMORY = 128 << 20,
    QEMU_SHARED = 0x2000000, /* where the shared buffer is */
    QEMU_KEPT_END = 0x2200000
};

/* Starts a q35 machine with `more` arguments after those of its RAM, up to NULL. */
void qemu_start(const char *const *more);

/* Waits for the end of QEMU; true when it ended by itself with status 0. */
bool qemu_ended(void);

/* Ends a QEMU that still runs. */
void qemu_stop(void);

#endif
