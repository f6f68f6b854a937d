#include "arch/paging.h"

#include <stdbool.h>

#include "abi/x86_paging.h"
#include "arch/cpu.h"
#include "arch/fatal.h"
#include "tdx/ghci.h"

enum {
    LEVELS = 4,
    TABLES = 96, /* svsm's own 2 MiB by 4 KiB, and 64 GiB by 2 MiB */
    PAGE_2M = 2 << 20
};

struct table {
    uint64_t entries[X86_TABLE_ENTRIES];
} __attribute__((aligned(X86_PAGE_SIZE)));

extern unsigned char svsm_start[], text_end[], rodata_end[], svsm_end[], boot_stack_guard[];

static struct table tables[TABLES];
static unsigned used;

static struct table *take_table(void)
{
    if (used == TABLES)
        fatal("too much memory: svsm maps 64 GiB at most; give the TD less");
    return &tables[used++];
}

/* The entry for `address` in the table of `level`, 0 being that of 4 KiB pages. */
static uint64_t *entry_at(uint64_t address, unsigned level)
{
    struct table *table = &tables[0];

    for (unsigned at = LEVELS - 1; at > level; at--) {
        uint64_t *entry = &table->entries[address >> (X86_PAGE_SHIFT + 9 * at) & 511];
        if (*entry == 0)
            *entry = (uint64_t)take_table() | X86_PTE_PRESENT | X86_PTE_WRITABLE;
        table = (struct table *)(*entry & X86_PTE_ADDRESS);
    }
    return &table->entries[address >> (X86_PAGE_SHIFT + 9 * level) & 511];
}

static void map_section(const unsigned char *from, const unsigned char *to, uint64_t rights)
{
    for (uint64_t at = (uint64_t)from; at < (uint64_t)to; at += X86_PAGE_SIZE)
        *entry_at(at, 0) = at | X86_PTE_PRESENT | rights;
}

void paging_start(void)
{
    used = 1;
    map_section(svsm_start, text_end, 0);
    map_section(text_end, rodata_end, X86_PTE_NO_EXECUTE);
    map_section(rodata_end, svsm_end, X86_PTE_WRITABLE | X86_PTE_NO_EXECUTE);
    *entry_at((uint64_t)boot_stack_guard, 0) = 0;
    cr3_write((uint64_t)&tables[0]);
}

void paging_map_ram(struct gpa start, uint64_t size)
{
    const uint64_t rights = X86_PTE_PRESENT | X86_PTE_WRITABLE | X86_PTE_NO_EXECUTE;
    uint64_t end = start.v + size;

    for (uint64_t at = start.v; at < end;) {
        bool large = at % PAGE_2M == 0 && end - at >= PAGE_2M;
        if (large)
            *entry_at(at, 1) = at | rights | X86_PTE_PAGE_SIZE;
        else
            *entry_at(at, 0) = at | rights;
        at += large ? PAGE_2M : X86_PAGE_SIZE;
    }
}

void paging_share(struct gpa page)
{
    *entry_at(page.v, 0) |= ghci_shared_bit();
    __asm__ volatile("invlpg (%0)" ::"r"(page.v) : "memory");
}
