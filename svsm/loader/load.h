/*
 * Loads L2's kernel, initrd and command line from fw_cfg into L2's memory, and makes everything
 * that the kernel is started with: zero page, ACPI tables, page tables, segments.
 */
#ifndef SVSM_LOADER_LOAD_H
#define SVSM_LOADER_LOAD_H

#include <stdint.h>

#include "base/addr.h"

/* L2's registers at its start: 64-bit mode, paging on, interrupts off. Addresses are L2's. */
struct loader_entry {
    uint64_t rip;
    uint64_t rsi; /* zero page */
    uint64_t rsp;
    uint64_t cr3;
    uint64_t gdt_base;
    uint16_t gdt_limit;
    uint16_t cs;
    uint16_t ds; /* and es, ss */
};

/* Whatever is wrong with what the host gives, or with the room for it, is fatal with one line. */
void loader_load(struct loader_entry *entry);

#endif
