#include "module/pages.h"

#include <stddef.h>
#include <string.h>

#include "abi/tdx_tdcall.h"
#include "boot/memory.h"
#include "boot/print.h"
#include "host/td_image.h"

#define IMAGE_FROM (MACHINE_4G - TD_IMAGE_MAX)
#define NO_PAGE    UINT64_MAX

#define FLAG_MAPPED 1U
#define FLAG_SHARED 2U
#define FLAG_USED   4U /* its private bytes may differ from zero */
#define FLAG_LARGE  8U /* on each page of a 2 MiB mapping */

struct page {
    uint8_t flags;
    uint8_t alias;
};

static const struct machine *layout;
static struct page *pages;
static struct npt l1_root, l2_root;

/* RAM first, in the order of its GPAs, then the image. */
static uint64_t page_index(uint64_t gpa)
{
    if (gpa < layout->low)
        return gpa / SIZE_4K;
    if (gpa >= MACHINE_4G && gpa - MACHINE_4G < layout->high)
        return (layout->low + gpa - MACHINE_4G) / SIZE_4K;
    if (gpa >= IMAGE_FROM && gpa < MACHINE_4G)
        return (layout->td_memory + gpa - IMAGE_FROM) / SIZE_4K;
    return NO_PAGE;
}

static uint64_t private_hpa(uint64_t gpa)
{
    return layout->hpa_pool + page_index(gpa) * SIZE_4K + gpa % SIZE_4K;
}

void pages_init(const struct machine *machine)
{
    layout = machine;
    uint64_t private_size = machine->td_memory + TD_IMAGE_MAX;
    memory_give(machine->hpa_pool + private_size, machine->hpa_pool_end);
    pages = memory_take(private_size / SIZE_4K * sizeof *pages);
    l1_root = npt_create();
    l2_root = npt_create();
    npt_set(l1_root, GPA_SHARED_BIT, NPT_LEVEL_4K, 0, 0);
}

struct npt pages_l1(void)
{
    return l1_root;
}

struct npt pages_l2(void)
{
    return l2_root;
}

void pages_l2_shared(bool enabled)
{
    if (enabled)
        npt_share(l2_root, l1_root, GPA_SHARED_BIT);
    else
        npt_unshare(l2_root, GPA_SHARED_BIT);
}

static bool in_ram(uint64_t gpa, uint64_t length, uint64_t from, uint64_t size)
{
    return gpa >= from && gpa - from <= size && length <= size - (gpa - from);
}

bool pages_is_ram(uint64_t gpa, uint64_t length)
{
    return in_ram(gpa, length, 0, layout->low) || in_ram(gpa, length, MACHINE_4G, layout->high);
}

void *pages_private(uint64_t gpa, uint64_t length)
{
    if (!pages_is_ram(gpa, length) && !in_ram(gpa, length, IMAGE_FROM, TD_IMAGE_MAX))
        return NULL;
    return memory_at(private_hpa(gpa));
}

static bool is_image(uint64_t gpa)
{
    return gpa >= IMAGE_FROM && gpa < MACHINE_4G;
}

static struct page *page_at(uint64_t gpa)
{
    return &pages[page_index(gpa)];
}

enum page_state pages_state(uint64_t gpa)
{
    if (page_index(gpa) == NO_PAGE)
        return PAGE_NONE;
    unsigned flags = page_at(gpa)->flags;
    if (flags & FLAG_SHARED)
        return PAGE_SHARED;
    if (flags & FLAG_MAPPED)
        return PAGE_MAPPED;
    return is_image(gpa) ? PAGE_NONE : PAGE_PENDING;
}

bool pages_large(uint64_t gpa)
{
    return page_index(gpa) != NO_PAGE && page_at(gpa)->flags & FLAG_LARGE;
}

void *pages_mapped(uint64_t gpa, uint64_t length)
{
    if (gpa % SIZE_4K + length > SIZE_4K || pages_state(gpa) != PAGE_MAPPED)
        return NULL;
    return memory_at(private_hpa(gpa));
}

void *pages_seen(uint64_t gpa, uint64_t length)
{
    if (!(gpa & GPA_SHARED_BIT))
        return pages_mapped(gpa, length);
    uint64_t plain = gpa & ~GPA_SHARED_BIT;
    if (gpa % SIZE_4K + length > SIZE_4K || pages_state(plain) != PAGE_SHARED)
        return NULL;
    return memory_at(plain);
}

bool pages_untouched(uint64_t gpa)
{
    if (!pages_is_ram(gpa, SIZE_2M))
        return false;
    for (uint64_t at = gpa; at < gpa + SIZE_2M; at += SIZE_4K)
        if (pages_state(at) != PAGE_PENDING)
            return false;
    return true;
}

static unsigned npt_of(unsigned attributes)
{
    return (attributes & TDX_ATTR_R ? NPT_READ : 0) | (attributes & TDX_ATTR_W ? NPT_WRITE : 0) |
           (attributes & TDX_ATTR_XS ? NPT_EXEC : 0);
}

static void map_private(uint64_t gpa)
{
    struct page *page = page_at(gpa);
    if (page->flags & FLAG_USED)
        memset(memory_at(private_hpa(gpa)), 0, SIZE_4K);
    page->flags = FLAG_MAPPED | FLAG_USED;
}

static void map_leaf(uint64_t gpa)
{
    npt_set(l1_root, gpa, NPT_LEVEL_4K, private_hpa(gpa), NPT_ALL);
    if (page_at(gpa)->alias)
        npt_set(l2_root, gpa, NPT_LEVEL_4K, private_hpa(gpa), npt_of(page_at(gpa)->alias));
}

/* An alias given before acceptance covers single pages, and becomes live page by page. */
static void accept_large(uint64_t gpa)
{
    bool aliased = false;
    for (uint64_t at = gpa; at < gpa + SIZE_2M; at += SIZE_4K) {
        map_private(at);
        page_at(at)->flags |= FLAG_LARGE;
        aliased |= page_at(at)->alias != 0;
    }
    npt_set(l1_root, gpa, NPT_LEVEL_2M, private_hpa(gpa), NPT_ALL);
    for (uint64_t at = gpa; aliased && at < gpa + SIZE_2M; at += SIZE_4K)
        if (page_at(at)->alias)
            npt_set(l2_root, at, NPT_LEVEL_4K, private_hpa(at), npt_of(page_at(at)->alias));
}

void pages_accept(uint64_t gpa, unsigned level)
{
    if (level == NPT_LEVEL_2M) {
        accept_large(gpa);
        return;
    }
    map_private(gpa);
    map_leaf(gpa);
}

bool pages_add(uint64_t gpa, uint64_t size)
{
    if ((gpa | size) % SIZE_4K || !pages_private(gpa, size))
        return false;
    for (uint64_t at = gpa; at < gpa + size; at += SIZE_4K)
        pages_accept(at, NPT_LEVEL_4K);
    return true;
}

void pages_demote(uint64_t gpa)
{
    uint64_t from = gpa & ~(SIZE_2M - 1);
    for (uint64_t at = from; at < from + SIZE_2M; at += SIZE_4K)
        page_at(at)->flags &= (uint8_t)~FLAG_LARGE;
}

static void make_shared(uint64_t gpa)
{
    struct page *page = page_at(gpa);
    if (page->flags & FLAG_LARGE)
        pages_demote(gpa);
    if (page->flags & FLAG_MAPPED)
        npt_set(l1_root, gpa, NPT_LEVEL_4K, 0, 0);
    if (page->alias)
        npt_set(l2_root, gpa, NPT_LEVEL_4K, 0, 0);
    page->alias = 0;
    page->flags = (uint8_t)((page->flags & FLAG_USED) | FLAG_SHARED);
    npt_set(l1_root, gpa | GPA_SHARED_BIT, NPT_LEVEL_4K, gpa, NPT_ALL);
}

static void make_private(uint64_t gpa)
{
    struct page *page = page_at(gpa);
    if (!(page->flags & FLAG_SHARED))
        return;
    page->flags &= (uint8_t)~FLAG_SHARED;
    npt_set(l1_root, gpa | GPA_SHARED_BIT, NPT_LEVEL_4K, 0, 0);
}

void pages_map_gpa(uint64_t gpa, uint64_t size, bool shared)
{
    for (uint64_t at = gpa; at < gpa + size; at += SIZE_4K) {
        if (shared)
            make_shared(at);
        else
            make_private(at);
    }
}

unsigned pages_alias(uint64_t gpa)
{
    return page_index(gpa) == NO_PAGE ? 0 : page_at(gpa)->alias;
}

void pages_alias_set(uint64_t gpa, unsigned level, unsigned attributes)
{
    uint64_t size = level == NPT_LEVEL_2M ? SIZE_2M : SIZE_4K;
    for (uint64_t at = gpa; at < gpa + size; at += SIZE_4K)
        page_at(at)->alias = (uint8_t)attributes;
    if (pages_state(gpa) == PAGE_MAPPED)
        npt_set(l2_root, gpa, level, private_hpa(gpa), npt_of(attributes));
}
