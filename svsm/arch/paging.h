/*
 * svsm's own address space: what is mapped has the address it has in the TD, and nothing is both
 * writable and executable. Memory of L2 and of the pool is never executable.
 */
#ifndef SVSM_ARCH_PAGING_H
#define SVSM_ARCH_PAGING_H

#include <stdint.h>

#include "base/addr.h"

/* Builds the tables for svsm's sections alone, and switches to them. */
void paging_start(void);

/* Adds RAM, in whole pages, of which none is mapped yet. */
void paging_map_ram(struct gpa start, uint64_t size);

/* Points a mapped page of svsm's own at its shared side, after MapGPA. */
void paging_share(struct gpa page);

#endif
