/*
 * The TD's RAM, as the host tells it in fw_cfg's etc/e820 (QEMU hw/i386/e820_memory_layout.h).
 *
 * The host may lie: a range that is not there costs the TD a fault, never its memory's contents,
 * because private memory must be accepted before use. What is checked here is that the map makes
 * sense. Needs memory_shared(), but neither memory_take() nor L2's memory.
 */
#ifndef SVSM_LOADER_MEMORY_MAP_H
#define SVSM_LOADER_MEMORY_MAP_H

#include "guestmem/guestmem.h"

enum {
    MEMORY_MAP_ENTRIES_MAX = 32 /* of the file, whatever their type */
};
#define MEMORY_MAP_TOTAL_MIN (64ULL << 20)
#define MEMORY_MAP_END       (1ULL << 46) /* no RAM at or above */

/*
 * Writes the RAM ranges, at most `room`: ascending, apart from each other, of whole pages (partial
 * pages at their ends are left out), below MEMORY_MAP_END, at least MEMORY_MAP_TOTAL_MIN in all.
 * STATUS_FULL: more ranges than `room`.
 */
MUST_CHECK enum status loader_memory_map(struct guestmem_range *ranges, size_t room, size_t *count,
                                         struct evidence *evidence);

#endif
