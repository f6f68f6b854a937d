/*
 * Searches through all of a RAM file that leave its holes alone.
 *
 * Reading a hole of a tmpfs file through a mapping makes the host allocate the page. A search of
 * a 64 GiB file of which the guest has touched 2 GiB would take 62 GiB from the host, so only
 * ranges that the file system calls data are offered to it.
 */
#ifndef CLI_SEARCH_H
#define CLI_SEARCH_H

#include "kernel/discover.h"
#include "mapping.h"

/* kernel_scan_notes or kernel_scan_tokens. */
typedef enum status search_function(const struct guestmem *memory, struct budget *budget,
                                    struct kernel_hits *hits);

/* Runs `scan` over the data of the file; `flat` serves it with address == file offset. */
MUST_CHECK enum status search_file(const struct mapping *mapping, const struct guestmem *flat,
                                   search_function *scan, uint64_t units, struct kernel_hits *hits);

#endif
