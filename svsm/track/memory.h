/* L2's private RAM as the library reads it. */
#ifndef SVSM_TRACK_MEMORY_H
#define SVSM_TRACK_MEMORY_H

#include "guestmem/guestmem.h"

/*
 * Serves what is private and accepted at the time of the read; shared pages, svsm's own and pages
 * that fault are not RAM. The ranges are those of mem/memory.h.
 */
struct guestmem track_memory(void);

#endif
