/*
 * x86-64 page-table entries.
 *
 * Source: Intel SDM volume 3A, section 4.5 (4-level and 5-level paging), tables 4-14 to 4-20.
 */
#ifndef ABI_X86_PAGING_H
#define ABI_X86_PAGING_H

#define X86_PTE_PRESENT    0x0000000000000001ULL
#define X86_PTE_WRITABLE   0x0000000000000002ULL
#define X86_PTE_USER       0x0000000000000004ULL
#define X86_PTE_PAGE_SIZE  0x0000000000000080ULL /* PS: a leaf at PDPTE and PDE level */
#define X86_PTE_NO_EXECUTE 0x8000000000000000ULL
#define X86_PTE_ADDRESS    0x000ffffffffff000ULL /* bits 51:12 */

#define X86_PAGE_SHIFT    12
#define X86_PAGE_SIZE     4096
#define X86_TABLE_BITS    9
#define X86_TABLE_ENTRIES 512

#endif
