#include "guest_image.h"

#include <stdlib.h>
#include <string.h>

#include "abi/x86_paging.h"

enum {
    LEAF_4K = 1 << 12,
    LEAF_2M = 1 << 21,
    LEAF_1G = 1 << 30
};

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static uint64_t round_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

static uint64_t ram_u64(const struct guest_image *image, uint64_t pa)
{
    uint64_t value;
    demand(pa <= image->shape.ram_size - sizeof value);
    memcpy(&value, image->ram + pa, sizeof value);
    return value;
}

static void set_ram_u64(struct guest_image *image, uint64_t pa, uint64_t value)
{
    demand(pa <= image->shape.ram_size - sizeof value);
    memcpy(image->ram + pa, &value, sizeof value);
}

uint64_t guest_page(struct guest_image *image)
{
    uint64_t pa = image->page_low;
    demand(pa + LEAF_4K <= image->page_high);
    image->page_low += LEAF_4K;
    memset(image->ram + pa, 0, LEAF_4K);
    return pa;
}

static uint64_t page_from_top(struct guest_image *image)
{
    demand(image->page_low + LEAF_4K <= image->page_high);
    image->page_high -= LEAF_4K;
    memset(image->ram + image->page_high, 0, LEAF_4K);
    return image->page_high;
}

static uint64_t entry_in(uint64_t table, uint64_t va, unsigned level)
{
    uint64_t index =
        va >> (X86_PAGE_SHIFT + X86_TABLE_BITS * (level - 1)) & (X86_TABLE_ENTRIES - 1);
    return table + 8 * index;
}

static unsigned leaf_level(uint64_t leaf)
{
    return leaf == LEAF_4K ? 1 : leaf == LEAF_2M ? 2 : 3;
}

void guest_map(struct guest_image *image, uint64_t va, uint64_t pa, uint64_t leaf, uint64_t flags)
{
    unsigned last = leaf_level(leaf);
    uint64_t table = image->root;
    demand(va % leaf == 0 && pa % leaf == 0);
    for (unsigned level = image->shape.levels; level > last; level--) {
        uint64_t at = entry_in(table, va, level);
        if (ram_u64(image, at) == 0)
            set_ram_u64(image, at, guest_page(image) | X86_PTE_PRESENT | X86_PTE_WRITABLE);
        table = ram_u64(image, at) & X86_PTE_ADDRESS;
    }
    flags |= X86_PTE_PRESENT | (last > 1 ? X86_PTE_PAGE_SIZE : 0);
    set_ram_u64(image, entry_in(table, va, last), pa | flags);
}

static void map_direct(struct guest_image *image)
{
    uint64_t flags = X86_PTE_WRITABLE | X86_PTE_NO_EXECUTE;
    uint64_t leaf = image->shape.direct_leaf;
    for (uint64_t pa = 0; pa < image->shape.ram_size; pa += leaf)
        guest_map(image, image->shape.page_offset + pa, pa, leaf, flags);
}

static void map_kernel(struct guest_image *image)
{
    for (uint64_t at = 0; at < GUEST_IMAGE_BYTES; at += LEAF_2M)
        guest_map(image, image->shape.image_va + at, image->shape.image_pa + at, LEAF_2M,
                  at < GUEST_IMAGE_RODATA ? 0 : X86_PTE_NO_EXECUTE);
}

void guest_create(struct guest_image *image, const struct guest_shape *shape, unsigned char *ram)
{
    *image = (struct guest_image){.shape = *shape, .owns_ram = ram == NULL};
    image->ram = ram == NULL ? calloc(1, shape->ram_size) : ram;
    demand(image->ram != NULL);
    image->image_next = shape->image_va;
    image->vmalloc_next = shape->vmalloc_va;
    image->page_low = shape->pages_from;
    image->page_high = shape->pages_to;
    image->range = (struct guestmem_range){.start = gpa(0), .size = shape->ram_size};
    image->root = shape->image_pa + GUEST_IMAGE_BYTES - (uint64_t)2 * LEAF_4K;
    map_kernel(image);
    map_direct(image);
}

void guest_destroy(struct guest_image *image)
{
    if (image->owns_ram)
        free(image->ram);
    *image = (struct guest_image){0};
}

static bool read_ram(void *context, struct gpa from, void *to, size_t length)
{
    const struct guest_image *image = context;
    uint64_t size = image->shape.ram_size;
    if (from.v > size || length > size - from.v)
        return false;
    memcpy(to, image->ram + from.v, length);
    return true;
}

struct guestmem guest_memory(struct guest_image *image)
{
    return (struct guestmem){.read = read_ram,
                             .context = image,
                             .ranges = &image->range,
                             .range_count = 1,
                             .end = image->shape.ram_size};
}

uint64_t guest_phys_base(const struct guest_image *image)
{
    return image->shape.image_pa - (image->shape.image_va - GUEST_KERNEL_MAP);
}

uint64_t guest_static(struct guest_image *image, uint64_t size, uint64_t alignment)
{
    uint64_t va = round_up(image->image_next, alignment);
    image->image_next = va + size;
    /* The last two pages hold the top-level table and an empty page behind it. */
    demand(image->image_next <= image->shape.image_va + GUEST_IMAGE_BYTES - (uint64_t)2 * LEAF_4K);
    return va;
}

void guest_begin_rodata(struct guest_image *image)
{
    uint64_t start = image->shape.image_va + GUEST_IMAGE_RODATA;
    demand(image->image_next <= start);
    image->image_next = start;
}

/* Heap objects lie close together and may straddle pages, as in a slab of the kernel. */
uint64_t guest_heap(struct guest_image *image, uint64_t size, uint64_t alignment)
{
    uint64_t va = round_up(image->heap_next, alignment);
    bool adjacent = image->heap_end == guest_direct(image, image->page_low);
    if (va + size > image->heap_end && !adjacent)
        va = image->heap_end = guest_direct(image, image->page_low);
    for (; image->heap_end < va + size; image->heap_end += LEAF_4K)
        (void)guest_page(image);
    image->heap_next = va + size;
    return va;
}

uint64_t guest_vmalloc(struct guest_image *image, uint64_t size)
{
    uint64_t va = image->vmalloc_next;
    for (uint64_t at = 0; at < size; at += LEAF_4K)
        guest_map(image, va + at, page_from_top(image), LEAF_4K,
                  X86_PTE_WRITABLE | X86_PTE_NO_EXECUTE);
    image->vmalloc_next += round_up(size, LEAF_4K) + LEAF_4K;
    return va;
}

uint64_t guest_entry(const struct guest_image *image, uint64_t va, unsigned level)
{
    uint64_t table = image->root;
    for (unsigned l = image->shape.levels; l > level; l--) {
        uint64_t entry = ram_u64(image, entry_in(table, va, l));
        demand((entry & X86_PTE_PRESENT) != 0 && (l > 3 || (entry & X86_PTE_PAGE_SIZE) == 0));
        table = entry & X86_PTE_ADDRESS;
    }
    return entry_in(table, va, level);
}

uint64_t guest_physical(const struct guest_image *image, uint64_t va)
{
    uint64_t table = image->root;
    for (unsigned level = image->shape.levels; level > 0; level--) {
        uint64_t entry = ram_u64(image, entry_in(table, va, level));
        demand((entry & X86_PTE_PRESENT) != 0);
        table = entry & X86_PTE_ADDRESS;
        if (level > 1 && (entry & X86_PTE_PAGE_SIZE) == 0)
            continue;
        return table + (va & ((1ULL << (X86_PAGE_SHIFT + X86_TABLE_BITS * (level - 1))) - 1));
    }
    abort();
}

uint64_t guest_direct(const struct guest_image *image, uint64_t pa)
{
    return image->shape.page_offset + pa;
}

void guest_put(struct guest_image *image, uint64_t va, const void *bytes, size_t length)
{
    const unsigned char *from = bytes;
    while (length > 0) {
        size_t part = LEAF_4K - (size_t)(va % LEAF_4K);
        if (part > length)
            part = length;
        memcpy(image->ram + guest_physical(image, va), from, part);
        va += part;
        from += part;
        length -= part;
    }
}

void guest_get(const struct guest_image *image, uint64_t va, void *bytes, size_t length)
{
    unsigned char *to = bytes;
    for (size_t i = 0; i < length; i++)
        to[i] = image->ram[guest_physical(image, va + i)];
}

void guest_put_u8(struct guest_image *image, uint64_t va, unsigned value)
{
    uint8_t v = (uint8_t)value;
    guest_put(image, va, &v, sizeof v);
}

void guest_put_u16(struct guest_image *image, uint64_t va, unsigned value)
{
    uint16_t v = (uint16_t)value;
    guest_put(image, va, &v, sizeof v);
}

void guest_put_u32(struct guest_image *image, uint64_t va, uint32_t value)
{
    guest_put(image, va, &value, sizeof value);
}

void guest_put_u64(struct guest_image *image, uint64_t va, uint64_t value)
{
    guest_put(image, va, &value, sizeof value);
}

uint32_t guest_get_u32(const struct guest_image *image, uint64_t va)
{
    uint32_t value;
    guest_get(image, va, &value, sizeof value);
    return value;
}

uint64_t guest_get_u64(const struct guest_image *image, uint64_t va)
{
    uint64_t value;
    guest_get(image, va, &value, sizeof value);
    return value;
}
