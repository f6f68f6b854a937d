/* Where in L2's RAM (memory_l2_ranges) the parts of its kernel go. Addresses are below 4 GiB. */
#ifndef SVSM_LOADER_PLACE_H
#define SVSM_LOADER_PLACE_H

#include <stdbool.h>

#include "guestmem/guestmem.h"
#include "loader/bzimage.h"

/* False: there is no room of image->room bytes where the kernel may run. */
MUST_CHECK bool place_kernel(const struct bzimage *image, struct gpa *at);

/*
 * The highest page-aligned room of `size` bytes at or above 1 MiB, with no byte above `last` nor in
 * `avoid`. False: there is none; `*largest` is then the bytes of the largest room that there is.
 */
MUST_CHECK bool place_high(uint64_t size, uint64_t last, struct guestmem_range avoid,
                           struct gpa *at, uint64_t *largest);

#endif
