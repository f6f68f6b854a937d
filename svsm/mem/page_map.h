/* Which pages of L2's RAM are private and accepted: a bit a page of 4 KiB. */
#ifndef SVSM_MEM_PAGE_MAP_H
#define SVSM_MEM_PAGE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* Bytes of a map of the addresses below `top`. */
uint64_t page_map_size(uint64_t top);

/* `room` is zeroed, of that size, and stays. No page is private then. */
void page_map_start(void *room, uint64_t top);

/* Whole pages; what lies at or above the top is left out. */
void page_map_set(struct gpa start, uint64_t size, bool is_private);

/* Whether every page that the range touches is private; false above the top. */
bool page_map_all(struct gpa start, uint64_t length);

#endif
