/*
 * The memory map of a raw RAM file: where the hole below 4 GiB is.
 *
 * The file holds the guest's RAM without the hole: its first `below_4g` bytes are guest-physical
 * 0 and up, the rest begins at 4 GiB. Nothing in the file says where it splits, so every split
 * that machines use is tried and the guest's own resource tree decides. Pure functions.
 */
#ifndef CLI_RAW_MAP_H
#define CLI_RAW_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/discover.h"

enum {
    RAW_MAPS_MAX = 8
};

#define RAW_MAP_4G (UINT64_C(1) << 32)

/* Splits worth trying for a file of `size` bytes, ascending; the last may be "no hole" (4 GiB). */
size_t raw_map_candidates(uint64_t size, uint64_t below_4g[RAW_MAPS_MAX]);

/* Bytes of the file that lie below 4 GiB under a split. */
uint64_t raw_map_low_part(uint64_t size, uint64_t below_4g);

/* Guest address of a file offset under a split, and back. */
struct gpa raw_map_address(uint64_t offset, uint64_t below_4g);
uint64_t raw_map_offset(struct gpa address, uint64_t below_4g);

/* Hits by file offset -> hits by guest address. */
void raw_map_hits(const struct kernel_hits *by_offset, uint64_t below_4g, struct kernel_hits *hits);

/* Whether all RAM the guest says it has lies where the file has bytes under the split. */
bool raw_map_fits(const struct kernel_ram *ram, uint64_t size, uint64_t below_4g);

/* The one split under which the guest's RAM ends where the file does; 0: there is none. */
uint64_t raw_map_implied(const struct kernel_ram *ram, uint64_t size);

/* Bytes of RAM the guest says it has, holes aside. */
uint64_t raw_map_total(const struct kernel_ram *ram);

#endif
