#include "svm/npt.h"

#include <stddef.h>

#include "abi/x86_paging.h"
#include "boot/memory.h"

#define TOP_LEVEL  3U
#define TABLE_BITS (X86_PTE_PRESENT | X86_PTE_WRITABLE | X86_PTE_USER)
#define SIZE_2M    0x200000ULL

/* Tables that a large leaf has replaced, chained through their first entry. */
static uint64_t *spare;

static uint64_t *table_take(void)
{
    uint64_t *table = spare;
    if (!table)
        return memory_take(X86_PAGE_SIZE);
    spare = memory_at(table[0]);
    table[0] = 0;
    return table;
}

static void table_give(uint64_t *table)
{
    __builtin_memset(table, 0, X86_PAGE_SIZE);
    table[0] = memory_hpa(spare);
    spare = table;
}

static unsigned index_at(uint64_t gpa, unsigned level)
{
    return (unsigned)(gpa >> (X86_PAGE_SHIFT + X86_TABLE_BITS * level)) & (X86_TABLE_ENTRIES - 1);
}

static uint64_t *table_of(uint64_t entry)
{
    return memory_at(entry & X86_PTE_ADDRESS);
}

static uint64_t leaf(uint64_t hpa, unsigned level, unsigned permissions)
{
    if (!(permissions & NPT_READ))
        return 0;
    return hpa | X86_PTE_USER | X86_PTE_PRESENT | (level ? X86_PTE_PAGE_SIZE : 0) |
           (permissions & NPT_WRITE ? X86_PTE_WRITABLE : 0) |
           (permissions & NPT_EXEC ? 0 : X86_PTE_NO_EXECUTE);
}

struct npt npt_create(void)
{
    return (struct npt){table_take()};
}

uint64_t npt_hpa(struct npt npt)
{
    return memory_hpa(npt.root);
}

static void split(uint64_t *entry)
{
    uint64_t large = *entry;
    uint64_t *table = table_take();
    for (unsigned i = 0; i < X86_TABLE_ENTRIES; i++)
        table[i] = (large & ~X86_PTE_PAGE_SIZE) + (uint64_t)i * X86_PAGE_SIZE;
    *entry = memory_hpa(table) | TABLE_BITS;
}

/* The table that `entry` points to; a leaf is split, a missing one made. */
static uint64_t *descend(uint64_t *entry)
{
    if (!(*entry & X86_PTE_PRESENT))
        *entry = memory_hpa(table_take()) | TABLE_BITS;
    else if (*entry & X86_PTE_PAGE_SIZE)
        split(entry);
    return table_of(*entry);
}

void npt_set(struct npt npt, uint64_t gpa, unsigned level, uint64_t hpa, unsigned permissions)
{
    uint64_t *table = npt.root;
    for (unsigned l = TOP_LEVEL; l > level; l--)
        table = descend(&table[index_at(gpa, l)]);
    uint64_t *entry = &table[index_at(gpa, level)];
    if (level && *entry & X86_PTE_PRESENT && !(*entry & X86_PTE_PAGE_SIZE))
        table_give(table_of(*entry));
    *entry = leaf(hpa, level, permissions);
}

unsigned npt_permissions(struct npt npt, uint64_t gpa)
{
    uint64_t entry = npt.root[index_at(gpa, TOP_LEVEL)];
    for (unsigned l = TOP_LEVEL; l > 0; l--) {
        if (!(entry & X86_PTE_PRESENT) || entry & X86_PTE_PAGE_SIZE)
            break;
        entry = table_of(entry)[index_at(gpa, l - 1)];
    }
    if (!(entry & X86_PTE_PRESENT))
        return 0;
    return NPT_READ | (entry & X86_PTE_WRITABLE ? NPT_WRITE : 0) |
           (entry & X86_PTE_NO_EXECUTE ? 0 : NPT_EXEC);
}

void npt_share(struct npt to, struct npt from, uint64_t gpa)
{
    (void)descend(&from.root[index_at(gpa, TOP_LEVEL)]);
    to.root[index_at(gpa, TOP_LEVEL)] = from.root[index_at(gpa, TOP_LEVEL)];
}

void npt_unshare(struct npt npt, uint64_t gpa)
{
    npt.root[index_at(gpa, TOP_LEVEL)] = 0;
}
