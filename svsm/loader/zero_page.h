/* The zero page, in which a Linux kernel is told what it starts in (boot_params). */
#ifndef SVSM_LOADER_ZERO_PAGE_H
#define SVSM_LOADER_ZERO_PAGE_H

#include "guestmem/guestmem.h"
#include "loader/bzimage.h"

struct zero_page {
    struct gpa kernel;
    struct guestmem_range initrd; /* size 0: none; below 4 GiB */
    struct gpa cmdline;
    struct gpa rsdp;
};

/*
 * Fills the zeroed page of X86_PAGE_SIZE bytes at `page`: the header of `setup`, and the memory map
 * of L2: its RAM, the ACPI area, and as reserved what svsm keeps and the PCI configuration window.
 * STATUS_FULL when L2's RAM is in too many pieces.
 */
MUST_CHECK enum status zero_page_write(unsigned char *page, const unsigned char *setup,
                                       const struct bzimage *image, const struct zero_page *facts,
                                       struct evidence *evidence);

#endif
