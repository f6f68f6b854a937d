/*
 * Where the tracker's lines go: for now svsm's debug port, which the host reads.
 *
 * Bytes are gathered and leave in large pieces.
 */
#ifndef SVSM_TRACK_OUTPUT_H
#define SVSM_TRACK_OUTPUT_H

#include <stddef.h>

void track_write(const char *bytes, size_t length);

/* Hands over what is gathered. */
void track_flush(void);

#endif
