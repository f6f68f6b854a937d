/*
 * Physical memory of a synthetic guest, with real x86-64 page tables in it.
 *
 * Three areas of virtual addresses exist from the start: the kernel image at `image_pa`, mapped by
 * read-only 2 MiB leaves, one for text (which holds the variables as well), one for read-only data;
 * the direct map of all RAM at `page_offset`, mapped by leaves of `direct_leaf`; and a vmalloc
 * area, whose 4 KiB pages lie scattered in RAM. Every allocator hands out zeroed memory and never
 * takes it back. Misuse aborts.
 */
#ifndef IMAGE_GUEST_IMAGE_H
#define IMAGE_GUEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestmem/guestmem.h"

#define GUEST_KERNEL_MAP 0xffffffff80000000ULL /* virtual address of (physical 0 - phys_base) */

enum {
    GUEST_IMAGE_BYTES = 4 << 20, /* room of the kernel image area */
    GUEST_IMAGE_RODATA = 2 << 20 /* where its read-only data begins: not executable from there on */
};

struct guest_shape {
    uint64_t ram_size;    /* bytes from physical 0; a multiple of 2 MiB */
    unsigned levels;      /* 4 or 5 */
    uint64_t page_offset; /* base of the direct map */
    uint64_t direct_leaf; /* 4 KiB, 2 MiB or 1 GiB */
    uint64_t image_va;    /* where _text is; 2 MiB-aligned, at or above GUEST_KERNEL_MAP */
    uint64_t image_pa;    /* 2 MiB-aligned */
    uint64_t vmalloc_va;
    uint64_t pages_from; /* [from, to): physical pages that the allocators may use */
    uint64_t pages_to;
};

struct guest_image {
    struct guest_shape shape;
    unsigned char *ram;
    bool owns_ram;
    uint64_t root;       /* physical address of the top-level table, inside the image area */
    uint64_t image_next; /* next free virtual addresses */
    uint64_t heap_next;
    uint64_t heap_end; /* pages taken for the heap end here */
    uint64_t vmalloc_next;
    uint64_t page_low; /* next free pages, from either end */
    uint64_t page_high;
    struct guestmem_range range;
};

/* `ram` of shape->ram_size bytes is used when not NULL, else zeroed memory is allocated. */
void guest_create(struct guest_image *image, const struct guest_shape *shape, unsigned char *ram);
void guest_destroy(struct guest_image *image);

/* Memory interface over the RAM; `image` must outlive it. */
struct guestmem guest_memory(struct guest_image *image);

/* The number that the kernel calls phys_base, as two's complement. */
uint64_t guest_phys_base(const struct guest_image *image);

/* Takes a free page; its physical address. */
uint64_t guest_page(struct guest_image *image);

/* Maps one leaf of `leaf` bytes; tables in between are made. `flags` are OR-ed to the entry. */
void guest_map(struct guest_image *image, uint64_t va, uint64_t pa, uint64_t leaf, uint64_t flags);

/* Allocates in the kernel image, the direct map and the vmalloc area; virtual addresses. */
uint64_t guest_static(struct guest_image *image, uint64_t size, uint64_t alignment);
void guest_begin_rodata(struct guest_image *image); /* guest_static goes on in read-only data */
uint64_t guest_heap(struct guest_image *image, uint64_t size, uint64_t alignment);
uint64_t guest_vmalloc(struct guest_image *image, uint64_t size);

/* Physical address behind a mapped virtual one, by a walk of the tables. */
uint64_t guest_physical(const struct guest_image *image, uint64_t va);

/* Physical address of the page-table entry that maps `va` at `level` (1: a page, 4 or 5: root). */
uint64_t guest_entry(const struct guest_image *image, uint64_t va, unsigned level);

/* Direct-map address of a physical one. */
uint64_t guest_direct(const struct guest_image *image, uint64_t pa);

/* Stores and loads by virtual address. */
void guest_put(struct guest_image *image, uint64_t va, const void *bytes, size_t length);
void guest_put_u8(struct guest_image *image, uint64_t va, unsigned value);
void guest_put_u16(struct guest_image *image, uint64_t va, unsigned value);
void guest_put_u32(struct guest_image *image, uint64_t va, uint32_t value);
void guest_put_u64(struct guest_image *image, uint64_t va, uint64_t value);
void guest_get(const struct guest_image *image, uint64_t va, void *bytes, size_t length);
uint32_t guest_get_u32(const struct guest_image *image, uint64_t va);
uint64_t guest_get_u64(const struct guest_image *image, uint64_t va);

#endif
