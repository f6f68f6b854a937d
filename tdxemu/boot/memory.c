#include "boot/memory.h"

#include "abi/x86_paging.h"
#include "boot/cpu.h"
#include "boot/print.h"

#define USER_HALF_TABLES 255 /* 2^47 less the 512 GiB that are mapped */
#define GIB              0x40000000ULL
#define PTE_GLOBAL       0x100ULL

extern uint64_t boot_pml4[X86_TABLE_ENTRIES];

static uint64_t pdpts[USER_HALF_TABLES][X86_TABLE_ENTRIES] __attribute__((aligned(X86_PAGE_SIZE)));
static uint64_t free_from, free_to;

void memory_map_all(void)
{
    uint64_t hpa = X86_TABLE_ENTRIES * GIB;
    for (unsigned t = 0; t < USER_HALF_TABLES; t++) {
        for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++, hpa += GIB)
            pdpts[t][i] = hpa | PTE_GLOBAL | X86_PTE_PAGE_SIZE | X86_PTE_WRITABLE | X86_PTE_PRESENT;
        boot_pml4[t + 1] = memory_hpa(pdpts[t]) | X86_PTE_WRITABLE | X86_PTE_PRESENT;
    }
}

void memory_give(uint64_t from, uint64_t to)
{
    free_from = (from + X86_PAGE_SIZE - 1) & ~(X86_PAGE_SIZE - 1ULL);
    free_to = to;
}

void *memory_take(uint64_t bytes)
{
    uint64_t size = (bytes + X86_PAGE_SIZE - 1) & ~(X86_PAGE_SIZE - 1ULL);
    if (size > free_to - free_from)
        refuse_machine("no memory left for tables");
    void *at = memory_at(free_from);
    free_from += size;
    __builtin_memset(at, 0, size);
    return at;
}
