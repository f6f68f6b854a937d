#include "loader/boot_tables.h"

#include "abi/x86_paging.h"
#include "loader/low_memory.h"

enum {
    DIRECTORIES = 4, /* 1 GiB each */
    FIRST_DIRECTORY = 2
};
#define ENTRIES ((uint64_t)X86_TABLE_ENTRIES)

_Static_assert(FIRST_DIRECTORY + DIRECTORIES == LOW_TABLE_PAGES, "all tables are there");

void boot_tables_write(uint64_t *tables, struct gpa at)
{
    const uint64_t table = X86_PTE_PRESENT | X86_PTE_WRITABLE;
    const uint64_t leaf = table | X86_PTE_PAGE_SIZE;
    uint64_t *pdpt = tables + ENTRIES;
    uint64_t *directories = tables + FIRST_DIRECTORY * ENTRIES;

    tables[0] = (at.v + X86_PAGE_SIZE) | table;
    for (uint64_t i = 0; i < DIRECTORIES; i++)
        pdpt[i] = (at.v + (FIRST_DIRECTORY + i) * X86_PAGE_SIZE) | table;
    for (uint64_t i = 0; i < DIRECTORIES * ENTRIES; i++)
        directories[i] = i << (X86_PAGE_SHIFT + X86_TABLE_BITS) | leaf;
}

/* Descriptors of Intel SDM volume 3A, section 3.4.5: base 0, limit 4 GiB, accessed. */
void boot_gdt_write(uint64_t gdt[BOOT_GDT_ENTRIES])
{
    gdt[0] = 0;
    gdt[1] = 0;
    gdt[BOOT_CS / 8] = 0x00af9b000000ffffULL;
    gdt[BOOT_DS / 8] = 0x00cf93000000ffffULL;
}
