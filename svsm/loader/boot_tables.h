/* Page tables and segments in which a 64-bit kernel starts (Linux boot.rst, 64-bit protocol). */
#ifndef SVSM_LOADER_BOOT_TABLES_H
#define SVSM_LOADER_BOOT_TABLES_H

#include <stdint.h>

#include "base/addr.h"

#define BOOT_CS 0x10
#define BOOT_DS 0x18

enum {
    BOOT_GDT_ENTRIES = 4
};

/* Maps the first 4 GiB to themselves; `tables` are LOW_TABLE_PAGES pages at `at`, root first. */
void boot_tables_write(uint64_t *tables, struct gpa at);

/* Flat 64-bit code at BOOT_CS, flat data at BOOT_DS. */
void boot_gdt_write(uint64_t gdt[BOOT_GDT_ENTRIES]);

#endif
