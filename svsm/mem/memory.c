#include "mem/memory.h"

#include "abi/tdx_tdcall.h"
#include "abi/x86_paging.h"
#include "arch/fatal.h"
#include "arch/paging.h"
#include "base/bytes.h"
#include "mem/page_map.h"
#include "tdx/tdx.h"

#define POOL_SIZE (64ULL << 20) /* for the tracker's tables and the page map */
#define PAGE_2M   (2ULL << 20)

enum {
    RANGES_MAX = 40,
    L2_VM = 1,
    L2_RIGHTS = TDX_ATTR_R | TDX_ATTR_W | TDX_ATTR_XS | TDX_ATTR_XU
};

extern unsigned char svsm_start[], svsm_size[];

static struct guestmem_range td[RANGES_MAX];
static size_t td_count;
static struct guestmem_range l2[RANGES_MAX];
static size_t l2_count;
static struct gpa pool;
static uint64_t pool_left;

/* Appends [start, end) without [hole, hole_end). */
static void add_without(uint64_t start, uint64_t end, uint64_t hole, uint64_t hole_end)
{
    uint64_t first_end = end < hole ? end : hole;
    uint64_t second = start > hole_end ? start : hole_end;

    if (l2_count + 2 > RANGES_MAX)
        fatal("the host's memory map has too many ranges");
    if (start < first_end)
        l2[l2_count++] = (struct guestmem_range){gpa(start), first_end - start};
    if (second < end)
        l2[l2_count++] = (struct guestmem_range){gpa(second), end - second};
}

static bool covers(const struct guestmem_range *range, uint64_t start, uint64_t end)
{
    return range->start.v <= start && end <= range->start.v + range->size;
}

/* The pool is the end of the last range that lies below 4 GiB, where every TD has RAM. */
static void place_pool(const struct guestmem_range *ranges, size_t count)
{
    uint64_t own = (uint64_t)svsm_start;
    uint64_t own_end = own + (uint64_t)svsm_size;
    bool own_is_ram = false;

    for (size_t i = 0; i < count; i++) {
        uint64_t end = ranges[i].start.v + ranges[i].size;
        own_is_ram |= covers(&ranges[i], own, own_end);
        if (end > 1ULL << 32)
            continue;
        uint64_t start = (end - POOL_SIZE) & ~(PAGE_2M - 1);
        if (ranges[i].size > POOL_SIZE + PAGE_2M && start >= own_end) {
            pool = gpa(start);
            pool_left = end - start;
        }
    }
    if (!own_is_ram || pool_left == 0)
        fatal("too little memory: the TD needs RAM from %lx to %lx and %lu MiB more below 4 GiB",
              own, own_end, (unsigned long)(POOL_SIZE >> 20));
}

/* A page that was there before svsm accepted it was put there by the host, and not measured. */
static void check_accepted(uint64_t at, uint64_t status)
{
    if (status != TDX_SUCCESS)
        fatal("the page at %lx cannot be accepted: status %lx", at, status);
}

static void accept(uint64_t at, unsigned level)
{
    uint64_t status = tdx_mem_page_accept(gpa(at), level);

    if (level != TDX_LEVEL_2M || TDX_STATUS_CODE(status) != TDX_PAGE_SIZE_MISMATCH) {
        check_accepted(at, status);
        return;
    }
    for (uint64_t page = at; page < at + PAGE_2M; page += X86_PAGE_SIZE)
        check_accepted(page, tdx_mem_page_accept(gpa(page), TDX_LEVEL_4K));
}

static void alias(uint64_t at, unsigned level)
{
    uint64_t status = tdx_mem_page_attr_wr(gpa(at), level, L2_VM, L2_RIGHTS);

    if (status != TDX_SUCCESS)
        fatal("L2 cannot be given the page at %lx: status %lx", at, status);
}

/* Calls `visit` for [start, end) in the largest pages that fit. */
static void each_page(uint64_t start, uint64_t end, void (*visit)(uint64_t at, unsigned level))
{
    while (start < end) {
        bool large = start % PAGE_2M == 0 && end - start >= PAGE_2M;
        visit(start, large ? TDX_LEVEL_2M : TDX_LEVEL_4K);
        start += large ? PAGE_2M : X86_PAGE_SIZE;
    }
}

static void take_range(const struct guestmem_range *range)
{
    uint64_t own = (uint64_t)svsm_start;
    uint64_t own_end = own + (uint64_t)svsm_size;
    uint64_t end = range->start.v + range->size;
    size_t before = l2_count;

    /* svsm's own pages were added and measured; the rest is accepted. */
    add_without(range->start.v, end, own, own_end);
    for (size_t i = before; i < l2_count; i++) {
        paging_map_ram(l2[i].start, l2[i].size);
        each_page(l2[i].start.v, l2[i].start.v + l2[i].size, accept);
    }
    if (l2_count > before && l2[l2_count - 1].start.v + l2[l2_count - 1].size == pool.v + pool_left)
        l2[l2_count - 1].size -= pool_left;
}

void memory_start(const struct guestmem_range *ranges, size_t count)
{
    place_pool(ranges, count);
    for (size_t i = 0; i < count && i < RANGES_MAX; i++) {
        td[td_count++] = ranges[i];
        take_range(&ranges[i]);
    }
    for (size_t i = 0; i < l2_count; i++)
        each_page(l2[i].start.v, l2[i].start.v + l2[i].size, alias);
    uint64_t top = l2[l2_count - 1].start.v + l2[l2_count - 1].size;
    void *room = memory_take(page_map_size(top));
    if (room == NULL)
        fatal("too much memory: svsm's page map does not fit its pool");
    page_map_start(room, top);
    for (size_t i = 0; i < l2_count; i++)
        page_map_set(l2[i].start, l2[i].size, true);
}

void *memory_take(uint64_t bytes)
{
    uint64_t size = (bytes + X86_PAGE_SIZE - 1) & ~(uint64_t)(X86_PAGE_SIZE - 1);

    if (size < bytes || size > pool_left)
        return NULL;
    void *room = (void *)pool.v;
    pool = gpa_add(pool, size);
    pool_left -= size;
    return room; /* zero since it was accepted */
}

size_t memory_l2_ranges(const struct guestmem_range **ranges)
{
    *ranges = l2;
    return l2_count;
}

bool memory_is_l2(struct gpa at, uint64_t length)
{
    uint64_t end;

    if (__builtin_add_overflow(at.v, length, &end))
        return false;
    for (size_t i = 0; i < l2_count; i++)
        if (covers(&l2[i], at.v, end))
            return true;
    return false;
}

bool memory_is_td(struct gpa at, uint64_t length)
{
    for (size_t i = 0; i < td_count; i++)
        if (at.v < td[i].start.v + td[i].size && td[i].start.v < at.v + length)
            return true;
    return false;
}

void *memory_l2(struct gpa at, uint64_t length)
{
    return memory_is_l2(at, length) && page_map_all(at, length) ? (void *)at.v : NULL;
}

void memory_make_shared(struct gpa start, uint64_t size)
{
    page_map_set(start, size, false);
}

uint64_t memory_make_private(struct gpa page, unsigned level)
{
    uint64_t size = level == TDX_LEVEL_2M ? PAGE_2M : X86_PAGE_SIZE;
    uint64_t status = tdx_mem_page_accept(page, level);

    if (status != TDX_SUCCESS)
        return status;
    status = tdx_mem_page_attr_wr(page, level, L2_VM, L2_RIGHTS);
    if (status == TDX_SUCCESS)
        page_map_set(page, size, true);
    return status;
}
