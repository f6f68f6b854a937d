#include "extent.h"

#include "attempt.h"
#include "base/checked.h"

enum {
    DIRECTORY_LEVEL = 2, /* one table of this level maps a GiB */
    HUGE_SIZE = X86_PAGE_SIZE * X86_TABLE_ENTRIES
};

/* What the entries above a leaf and the leaf itself allow together. */
static bool is_rodata(const struct paging_table *above, uint64_t entry)
{
    bool user = above->user && (entry & X86_PTE_USER) != 0;
    bool writable = above->writable && (entry & X86_PTE_WRITABLE) != 0;
    bool executable = above->executable && (entry & X86_PTE_NO_EXECUTE) == 0;
    return !user && !writable && !executable;
}

/* Leaves come in ascending order, and as their distance is the same, so do their frames. */
static enum status add_leaf(struct extent *extent, struct gva at, uint64_t entry, uint64_t size,
                            const struct paging_table *above)
{
    struct gpa frame = gpa(entry & X86_PTE_ADDRESS & ~(size - 1));
    if (frame.v != at.v + extent->offset || !is_rodata(above, entry))
        return STATUS_OK;
    struct guestmem_range *last = extent->count == 0 ? NULL : &extent->ranges[extent->count - 1];
    if (last != NULL && last->start.v + last->size == frame.v) {
        last->size += size;
        return STATUS_OK;
    }
    if (extent->count == EXTENT_RANGES_MAX)
        return STATUS_FULL;
    extent->ranges[extent->count++] = (struct guestmem_range){frame, size};
    return STATUS_OK;
}

/* The 4 KiB pages under one entry of the directory. */
static enum status add_table(struct extent *extent, struct gva at, uint64_t entry,
                             const struct paging_table *above)
{
    struct paging_table table = {.user = above->user && (entry & X86_PTE_USER) != 0,
                                 .writable = above->writable && (entry & X86_PTE_WRITABLE) != 0,
                                 .executable =
                                     above->executable && (entry & X86_PTE_NO_EXECUTE) == 0};
    enum status status = guestmem_read(extent->memory, gpa(entry & X86_PTE_ADDRESS), extent->table,
                                       sizeof extent->table);
    for (uint64_t i = 0; i < X86_TABLE_ENTRIES && status == STATUS_OK; i++)
        if ((extent->table[i] & X86_PTE_PRESENT) != 0)
            status = add_leaf(extent, gva_add(at, i * X86_PAGE_SIZE), extent->table[i],
                              X86_PAGE_SIZE, &table);
    return status;
}

static enum status add_entry(struct extent *extent, struct gva at, uint64_t entry,
                             struct budget *budget, const struct paging_table *directory)
{
    if ((entry & X86_PTE_PRESENT) == 0)
        return STATUS_OK;
    if ((entry & X86_PTE_PAGE_SIZE) != 0)
        return add_leaf(extent, at, entry, HUGE_SIZE, directory);
    return budget_take(budget, 1) ? add_table(extent, at, entry, directory) : STATUS_BUDGET;
}

static enum status add_directory(struct extent *extent, const struct address_space *space,
                                 struct budget *budget)
{
    struct gva base = gva(IMAGE_MAP_BASE);
    struct paging_table directory;
    enum status status = paging_table(space, base, DIRECTORY_LEVEL, budget, &directory);
    if (status == STATUS_OK && !budget_take(budget, 1))
        status = STATUS_BUDGET;
    if (status == STATUS_OK)
        status = guestmem_read(extent->memory, directory.at, extent->directory,
                               sizeof extent->directory);
    for (uint64_t i = 0; i < X86_TABLE_ENTRIES && status == STATUS_OK; i++)
        status = add_entry(extent, gva_add(base, i * HUGE_SIZE), extent->directory[i], budget,
                           &directory);
    return status;
}

struct address_space extent_space(const struct guestmem *memory, const struct kernel_anchor *anchor)
{
    return (struct address_space){
        .memory = memory, .root = gpa(anchor->cr3.v & X86_PTE_ADDRESS), .levels = anchor->levels};
}

/* Kernel text is executable, not writable once it has booted, and never the user's. */
static enum status find_entry(struct extent *extent, const struct address_space *space,
                              struct gva lstar, struct budget *budget)
{
    struct translation entry;
    if (lstar.v - IMAGE_MAP_BASE >= IMAGE_MAP_SIZE)
        return STATUS_MISMATCH;
    enum status status = paging_walk(space, lstar, budget, &entry);
    if (status != STATUS_OK)
        return status;
    if (entry.user || entry.writable || !entry.executable)
        return STATUS_MISMATCH;
    extent->offset = entry.address.v - lstar.v;
    return STATUS_OK;
}

enum status extent_find(struct extent *extent, const struct guestmem *memory,
                        const struct kernel_anchor *anchor, struct budget *budget,
                        struct evidence *evidence)
{
    struct address_space space = extent_space(memory, anchor);
    extent->memory = memory;
    extent->count = 0;
    enum status status = find_entry(extent, &space, anchor->lstar, budget);
    if (status != STATUS_OK)
        return refuse(evidence, status, "LSTAR does not lead to protected kernel text",
                      anchor->lstar.v);
    status = add_directory(extent, &space, budget);
    if (status == STATUS_OK && extent->count == 0)
        status = STATUS_NOT_FOUND;
    if (status == STATUS_FULL)
        return refuse(evidence, status, "pieces of read-only data", EXTENT_RANGES_MAX);
    if (status != STATUS_OK)
        return refuse(evidence, status, "read-only data of the kernel image", anchor->cr3.v);
    return STATUS_OK;
}

bool extent_holds(const struct extent *extent, struct gpa from, uint64_t length)
{
    for (size_t i = 0; i < extent->count; i++) {
        const struct guestmem_range *range = &extent->ranges[i];
        if (from.v >= range->start.v && range_within(from.v - range->start.v, length, range->size))
            return true;
    }
    return false;
}

static bool read_extent(void *context, struct gpa from, void *to, size_t length)
{
    const struct extent *extent = context;
    return extent_holds(extent, from, length) &&
           guestmem_read(extent->memory, from, to, length) == STATUS_OK;
}

struct guestmem extent_memory(struct extent *extent)
{
    const struct guestmem_range *last = &extent->ranges[extent->count - 1];
    return (struct guestmem){.read = read_extent,
                             .context = extent,
                             .ranges = extent->ranges,
                             .range_count = extent->count,
                             .end = last->start.v + last->size};
}
