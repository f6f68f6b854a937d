/* L2's first MiB: where the loader puts what the kernel starts from. */
#ifndef SVSM_LOADER_LOW_MEMORY_H
#define SVSM_LOADER_LOW_MEMORY_H

#include "abi/x86_paging.h"

enum {
    LOW_ZERO_PAGE = 0x10000,
    LOW_CMDLINE = 0x11000,
    LOW_TABLES = 0x12000, /* PML4, PDPT, four page directories */
    LOW_TABLE_PAGES = 6,
    LOW_GDT = LOW_TABLES + LOW_TABLE_PAGES * X86_PAGE_SIZE, /* the stack grows down to it */
    LOW_STACK_TOP = LOW_GDT + X86_PAGE_SIZE,
    LOW_START = LOW_ZERO_PAGE,
    LOW_SIZE = LOW_STACK_TOP - LOW_START,

    LOW_HOLE = 0xa0000, /* not RAM for a PC's operating system */
    LOW_ACPI = 0xe0000, /* where a PC's looks for the RSDP as well */
    LOW_ACPI_SIZE = 0x2000,
    LOW_END = 0x100000
};

#endif
