#include "mem/page_map.h"

#include "abi/x86_paging.h"

static uint64_t *words;
static uint64_t pages;

uint64_t page_map_size(uint64_t top)
{
    return (top / X86_PAGE_SIZE + 63) / 64 * sizeof *words;
}

void page_map_start(void *room, uint64_t top)
{
    words = room;
    pages = top / X86_PAGE_SIZE;
}

/* A word at a time where all of it is meant: L2 shares 64 MiB in one call. */
void page_map_set(struct gpa start, uint64_t size, bool is_private)
{
    uint64_t page = start.v / X86_PAGE_SIZE;
    uint64_t end = page + size / X86_PAGE_SIZE;

    if (end > pages)
        end = pages;
    while (page < end) {
        bool whole = page % 64 == 0 && end - page >= 64;
        uint64_t bits = whole ? ~0ULL : 1ULL << page % 64;
        if (is_private)
            words[page / 64] |= bits;
        else
            words[page / 64] &= ~bits;
        page += whole ? 64 : 1;
    }
}

bool page_map_all(struct gpa start, uint64_t length)
{
    uint64_t page = start.v / X86_PAGE_SIZE;
    uint64_t end = (start.v + length + X86_PAGE_SIZE - 1) / X86_PAGE_SIZE;

    if (end > pages)
        return false;
    for (; page < end; page++)
        if ((words[page / 64] >> page % 64 & 1) == 0)
            return false;
    return true;
}
