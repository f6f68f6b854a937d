/*
 * Where the tracker's lines go: to svsm's own console where the machine has one, a batch at the
 * cost of one exit, or else to the debug port, where each byte costs one. The host reads both.
 */
#ifndef SVSM_TRACK_OUTPUT_H
#define SVSM_TRACK_OUTPUT_H

#include <stddef.h>
#include <stdint.h>

/* Looks for the console; after pci_setup. */
void track_output_start(void);

void track_write(const char *bytes, size_t length);

/* Hands over what is gathered. */
void track_flush(void);

/* The same at the end of the TD: waits, within bounds, until the host has taken everything. */
void track_finish(void);

/* Bytes that the console did not take. */
uint64_t track_lost(void);

#endif
