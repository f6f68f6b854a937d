/*
 * svsm's own way out for many lines: a virtio console in PCI_OWN_FUNCTION, which L2 does not see.
 *
 * A batch of text costs one TDVMCALL, where the debug port takes one for each byte. The text and
 * the queue are in shared memory: the host, and L2 as well, can read and change them. Nothing is
 * promised of what arrives; what is known not to have been sent is counted.
 */
#ifndef SVSM_CONSOLE_CHANNEL_H
#define SVSM_CONSOLE_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After pci_setup. False: there is no such device, or it does not work. */
bool channel_init(void);

/* Adds to the batch, which is sent when it is full. Lost when channel_init was not true. */
void channel_write(const char *bytes, size_t length);

/* Sends the batch. Waits, within bounds, only when all earlier ones are still with the device. */
void channel_flush(void);

/* channel_flush, and waits within bounds until the device is done with everything. */
void channel_finish(void);

/* Bytes that were dropped because the device did not take them. */
uint64_t channel_lost(void);

#endif
