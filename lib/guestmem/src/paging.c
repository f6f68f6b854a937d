#include "guestmem/paging.h"

#include "abi/x86_paging.h"
#include "base/bytes.h"

enum {
    PREFETCH_MAX = 64
};

static bool canonical(struct gva address, unsigned levels)
{
    unsigned bits = X86_PAGE_SHIFT + levels * X86_TABLE_BITS;
    int64_t top = (int64_t)address.v >> (bits - 1);
    return top == 0 || top == -1;
}

static unsigned shift_of(unsigned level)
{
    return X86_PAGE_SHIFT + (level - 1) * X86_TABLE_BITS;
}

static enum status read_entry(const struct address_space *space, struct gpa table,
                              struct gva address, unsigned level, uint64_t *entry)
{
    uint64_t index = (address.v >> shift_of(level)) % X86_TABLE_ENTRIES;
    uint64_t found;
    enum status status =
        guestmem_read(space->memory, gpa_add(table, index * sizeof found), &found, sizeof found);
    if (status != STATUS_OK)
        return status;
    if ((found & X86_PTE_PRESENT) == 0)
        return STATUS_UNMAPPED;
    *entry = found;
    return STATUS_OK;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
    return level == 1 || (level <= 3 && (entry & X86_PTE_PAGE_SIZE) != 0);
}

static struct translation leaf(const struct address_space *space, struct gva address,
                               uint64_t entry, unsigned level, uint64_t rights)
{
    uint64_t page_size = 1ULL << shift_of(level);
    uint64_t frame = entry & X86_PTE_ADDRESS & ~space->ignored_bits & ~(page_size - 1);
    return (struct translation){.address = gpa(frame | (address.v & (page_size - 1))),
                                .page_size = page_size,
                                .user = (rights & X86_PTE_USER) != 0,
                                .writable = (rights & X86_PTE_WRITABLE) != 0,
                                .executable = (rights & X86_PTE_NO_EXECUTE) != 0};
}

enum status paging_walk(const struct address_space *space, struct gva address,
                        struct budget *budget, struct translation *translation)
{
    struct gpa table = space->root;
    uint64_t rights = ~0ULL; /* NO_EXECUTE is kept inverted: set while no entry forbids */
    if (!canonical(address, space->levels))
        return STATUS_UNMAPPED;
    for (unsigned level = space->levels; level > 0; level--) {
        uint64_t entry;
        if (!budget_take(budget, 1))
            return STATUS_BUDGET;
        enum status status = read_entry(space, table, address, level, &entry);
        if (status != STATUS_OK)
            return status;
        rights &= entry ^ X86_PTE_NO_EXECUTE;
        if (is_leaf(entry, level)) {
            *translation = leaf(space, address, entry, level, rights);
            return STATUS_OK;
        }
        table = gpa(entry & X86_PTE_ADDRESS & ~space->ignored_bits);
    }
    return STATUS_UNMAPPED;
}

enum status paging_table(const struct address_space *space, struct gva address, unsigned level,
                         struct budget *budget, struct paging_table *table)
{
    struct gpa at = space->root;
    uint64_t rights = ~0ULL;
    if (!canonical(address, space->levels))
        return STATUS_UNMAPPED;
    for (unsigned above = space->levels; above > level; above--) {
        uint64_t entry;
        if (!budget_take(budget, 1))
            return STATUS_BUDGET;
        enum status status = read_entry(space, at, address, above, &entry);
        if (status == STATUS_OK && is_leaf(entry, above))
            status = STATUS_UNMAPPED;
        if (status != STATUS_OK)
            return status;
        rights &= entry ^ X86_PTE_NO_EXECUTE;
        at = gpa(entry & X86_PTE_ADDRESS & ~space->ignored_bits);
    }
    *table = (struct paging_table){.at = at,
                                   .user = (rights & X86_PTE_USER) != 0,
                                   .writable = (rights & X86_PTE_WRITABLE) != 0,
                                   .executable = (rights & X86_PTE_NO_EXECUTE) != 0};
    return STATUS_OK;
}

/* Bytes from `address` to the end of the window that holds it, 0 when none does. */
static uint64_t window_left(const struct address_space *space, struct gva address,
                            struct gpa *physical)
{
    for (unsigned i = 0; i < PAGING_WINDOWS; i++) {
        const struct paging_window *window = &space->windows[i];
        uint64_t offset = address.v - window->base.v;
        if (offset < window->size) {
            *physical = gpa_add(window->first, offset);
            return window->size - offset;
        }
    }
    return 0;
}

/* Bytes from `address` on that are contiguous in guest-physical memory. */
static enum status run_at(const struct address_space *space, struct gva address,
                          struct budget *budget, struct gpa *physical, uint64_t *run)
{
    struct translation translation;
    uint64_t left = window_left(space, address, physical);
    if (left > 0) {
        *run = left;
        return STATUS_OK;
    }
    enum status status = paging_walk(space, address, budget, &translation);
    if (status != STATUS_OK)
        return status;
    *physical = translation.address;
    *run = translation.page_size - address.v % translation.page_size;
    return STATUS_OK;
}

enum status paging_translate(const struct address_space *space, struct gva address,
                             struct budget *budget, struct gpa *physical)
{
    uint64_t run;
    return run_at(space, address, budget, physical, &run);
}

/* Page by page, or what a window has of it. */
static enum status read_parts(const struct address_space *space, struct budget *budget,
                              struct gva from, void *to, size_t length)
{
    unsigned char *out = to;
    while (length > 0) {
        struct gpa physical;
        uint64_t run;
        enum status status = run_at(space, from, budget, &physical, &run);
        if (status != STATUS_OK)
            return status;
        size_t part = length < run ? length : (size_t)run;
        if (!budget_take(budget, (part - 1) / X86_PAGE_SIZE + 1))
            return STATUS_BUDGET;
        status = guestmem_read(space->memory, physical, out, part);
        if (status != STATUS_OK)
            return status;
        out += part;
        length -= part;
        from = gva_add(from, part);
    }
    return STATUS_OK;
}

enum status paging_read(const struct address_space *space, struct budget *budget, struct gva from,
                        void *to, size_t length)
{
    struct gpa physical;
    if (length - 1 >= X86_PAGE_SIZE || window_left(space, from, &physical) < length)
        return read_parts(space, budget, from, to, length);
    if (!budget_take(budget, 1))
        return STATUS_BUDGET;
    return guestmem_read(space->memory, physical, to, length);
}

void paging_prefetch(const struct address_space *space, const struct gva *from, size_t count,
                     size_t length)
{
    const struct guestmem *memory = space->memory;
    struct gpa physical[PREFETCH_MAX];
    size_t found = 0;
    for (size_t i = 0; i < count && found < PREFETCH_MAX; i++)
        if (window_left(space, from[i], &physical[found]) > 0)
            found++;
    if (memory->prefetch != NULL)
        memory->prefetch(memory->context, physical, found, length);
}

enum status paging_read_u32(const struct address_space *space, struct budget *budget,
                            struct gva from, uint32_t *value)
{
    uint32_t copy;
    enum status status = paging_read(space, budget, from, &copy, sizeof copy);
    if (status == STATUS_OK)
        *value = copy;
    return status;
}

enum status paging_read_u64(const struct address_space *space, struct budget *budget,
                            struct gva from, uint64_t *value)
{
    uint64_t copy;
    enum status status = paging_read(space, budget, from, &copy, sizeof copy);
    if (status == STATUS_OK)
        *value = copy;
    return status;
}

enum status paging_read_pointer(const struct address_space *space, struct budget *budget,
                                struct gva from, struct gva *value)
{
    return paging_read_u64(space, budget, from, &value->v);
}

/* Text never needs the bytes behind its NUL: a part ends with its page. */
static size_t text_part(struct gva from, size_t left)
{
    size_t page_left = X86_PAGE_SIZE - (size_t)(from.v % X86_PAGE_SIZE);
    return left < page_left ? left : page_left;
}

enum status paging_read_text(const struct address_space *space, struct budget *budget,
                             struct gva from, char *to, size_t size)
{
    size_t filled = 0;
    while (filled < size) {
        size_t part = text_part(from, size - filled);
        enum status status = paging_read(space, budget, from, to + filled, part);
        if (status != STATUS_OK)
            return status;
        size_t length = text_length(to + filled, part);
        if (length < part)
            return STATUS_OK;
        filled += part;
        from = gva_add(from, part);
    }
    return STATUS_TRUNCATED;
}
