#include "tokens.h"

#include "base/bytes.h"

enum {
    INDEX_SIZE = KALLSYMS_TOKENS * 2,
    TOKEN_MAX = 255,
    NAMES_PER_MARKER = 256,
    MARKERS_MAX = KALLSYMS_COUNT_MAX / NAMES_PER_MARKER,
    MARKERS_MIN = 4, /* fewer match by chance; any kernel has hundreds */
    ALIGNMENT = 8
};

/* Three bytes a symbol, and the markers themselves. */
#define MARKERS_DISTANCE_MAX (4ULL * KALLSYMS_COUNT_MAX)

#define KERNEL_HALF 0xffffffff80000000ULL

bool tokens_index_plausible(const struct guestmem *memory, struct gpa at)
{
    unsigned char starts[INDEX_SIZE];
    if (guestmem_read(memory, at, starts, sizeof starts) != STATUS_OK)
        return false;
    for (unsigned i = 1; i < KALLSYMS_TOKENS; i++) {
        unsigned step =
            (unsigned)load_le16(starts + 2 * (size_t)i) - load_le16(starts + 2 * (size_t)i - 2);
        bool digit = i > '0' && i <= '9' + 1;
        if (step < 2 || step > TOKEN_MAX + 1 || (digit && step != 2))
            return false;
    }
    return true;
}

/* What is known so far, as guest-physical addresses. */
struct hunt {
    const struct address_space *physical;
    struct budget *budget;
    struct view *view; /* from address 0 up to the token index */
    uint64_t token_index, token_table, markers, names, num_syms, offsets, relative_base;
    uint32_t marker_count;
    uint32_t count;
};

static uint64_t align_up(uint64_t v)
{
    return (v + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
}

static enum status u32_at(struct hunt *hunt, uint64_t at, uint32_t *value)
{
    const unsigned char *p;
    enum status status = view_bytes(hunt->view, at, sizeof *value, &p);
    if (status == STATUS_OK)
        *value = load_le32(p);
    return status;
}

/* Every token but the first must follow a NUL, and the last must end before the index. */
static bool tokens_fit(const unsigned char *table, size_t size,
                       const unsigned char starts[INDEX_SIZE])
{
    for (size_t i = 1; i < KALLSYMS_TOKENS; i++) {
        uint16_t start = load_le16(starts + 2 * i);
        if (start >= size || table[start - 1] != '\0')
            return false;
    }
    uint16_t last = load_le16(starts + (INDEX_SIZE - 2));
    size_t length = text_length((const char *)table + last, size - last);
    return last + length < size && size - (last + length + 1) < ALIGNMENT;
}

static enum status find_token_table(struct hunt *hunt)
{
    unsigned char starts[INDEX_SIZE];
    const unsigned char *table;
    enum status status =
        paging_read(hunt->physical, hunt->budget, gva(hunt->token_index), starts, sizeof starts);
    if (status != STATUS_OK)
        return status;
    uint64_t least = align_up((uint64_t)load_le16(starts + (INDEX_SIZE - 2)) + 2);
    for (uint64_t size = least; size <= least + TOKEN_MAX + 1; size += ALIGNMENT) {
        if (size > hunt->token_index || size > VIEW_BUFFER)
            break;
        status = view_bytes(hunt->view, hunt->token_index - size, (size_t)size, &table);
        if (status != STATUS_OK)
            return status;
        if (tokens_fit(table, (size_t)size, starts)) {
            hunt->token_table = hunt->token_index - size;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

static bool plausible_step(uint32_t from, uint32_t to)
{
    return to > from && to - from >= 2 * NAMES_PER_MARKER &&
           to - from <= NAMES_PER_MARKER * KALLSYMS_ENTRY_MAX;
}

/* Markers ascend from 0 by the size of 256 names; how many do so from `at` on. */
static uint32_t count_markers(struct hunt *hunt, uint64_t at)
{
    uint32_t value = 0;
    for (uint32_t count = 1; count < MARKERS_MAX; count++) {
        uint32_t next;
        if (u32_at(hunt, at + (uint64_t)count * sizeof next, &next) != STATUS_OK ||
            !plausible_step(value, next))
            return count;
        value = next;
    }
    return MARKERS_MAX;
}

/* Walks the names of the first marker's stretch, which must end where the second marker says. */
static bool names_begin_at(struct hunt *hunt, uint64_t names)
{
    uint32_t expected;
    uint64_t at = names;
    if (u32_at(hunt, hunt->markers + sizeof expected, &expected) != STATUS_OK)
        return false;
    for (unsigned i = 0; i < NAMES_PER_MARKER; i++) {
        const unsigned char *tokens;
        size_t count;
        if (!budget_take(hunt->budget, 1) ||
            kallsyms_entry(hunt->view, at, &tokens, &count, &at) != STATUS_OK)
            return false;
    }
    return at - names == expected;
}

/* num_syms stands before the names and agrees with the number of markers. */
static enum status find_names(struct hunt *hunt)
{
    uint64_t last_marker = hunt->markers + sizeof(uint32_t) * (uint64_t)(hunt->marker_count - 1);
    uint32_t last;
    uint32_t count;
    enum status status = u32_at(hunt, last_marker, &last);
    if (status != STATUS_OK)
        return status;
    uint64_t most = last + (uint64_t)NAMES_PER_MARKER * KALLSYMS_ENTRY_MAX;
    for (uint64_t size = align_up(last + 1ULL); size <= most && size + ALIGNMENT < hunt->markers;
         size += ALIGNMENT) {
        uint64_t names = hunt->markers - size;
        status = u32_at(hunt, names - ALIGNMENT, &count);
        if (status != STATUS_OK)
            return status;
        bool fits = count > 0 && (count - 1) / NAMES_PER_MARKER + 1 == hunt->marker_count;
        if (fits && names_begin_at(hunt, names)) {
            hunt->names = names;
            hunt->num_syms = names - ALIGNMENT;
            hunt->count = count;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

/* Offsets in `block`, from its end down, at which markers may begin; 0 when there are none left. */
static size_t next_candidate(const unsigned char *block, size_t below)
{
    for (size_t at = below; at >= ALIGNMENT; at -= ALIGNMENT) {
        const unsigned char *p = block + at - ALIGNMENT;
        if (load_le32(p) == 0 && plausible_step(0, load_le32(p + sizeof(uint32_t))))
            return at;
    }
    return 0;
}

/*
 * Markers stand before the token table; Linux 6.2 put a table of three bytes a symbol in between.
 * The search goes down a block at a time.
 */
static enum status search_block(struct hunt *hunt, uint64_t start, size_t size)
{
    unsigned char block[VIEW_BUFFER];
    enum status status = paging_read(hunt->physical, hunt->budget, gva(start), block, size);
    if (status != STATUS_OK)
        return status;
    for (size_t at = next_candidate(block, size); at > 0;
         at = next_candidate(block, at - ALIGNMENT)) {
        hunt->markers = start + at - ALIGNMENT;
        hunt->marker_count = count_markers(hunt, hunt->markers);
        if (hunt->marker_count < MARKERS_MIN)
            continue;
        status = find_names(hunt);
        if (status != STATUS_NOT_FOUND)
            return status;
    }
    return STATUS_NOT_FOUND;
}

static enum status find_markers_and_names(struct hunt *hunt)
{
    uint64_t end = hunt->token_table;
    uint64_t lowest = end > MARKERS_DISTANCE_MAX ? end - MARKERS_DISTANCE_MAX : 0;
    while (end > lowest) {
        uint64_t start = (end - 1) & ~(uint64_t)(VIEW_BUFFER - 1);
        enum status status = search_block(hunt, start, (size_t)(end - start));
        if (status != STATUS_NOT_FOUND)
            return status;
        end = start;
    }
    return STATUS_NOT_FOUND;
}

static bool base_at(struct hunt *hunt, uint64_t at)
{
    uint64_t base;
    return paging_read_u64(hunt->physical, hunt->budget, gva(at), &base) == STATUS_OK &&
           base >= KERNEL_HALF && base % VIEW_BUFFER == 0;
}

static enum status find_offsets(struct hunt *hunt)
{
    uint64_t size = align_up(sizeof(uint32_t) * (uint64_t)hunt->count);
    uint64_t behind = hunt->token_index + INDEX_SIZE;
    uint64_t before = hunt->num_syms - ALIGNMENT;
    if (base_at(hunt, behind + size)) {
        hunt->offsets = behind;
        hunt->relative_base = behind + size;
        return STATUS_OK;
    }
    if (before > size && base_at(hunt, before)) {
        hunt->offsets = before - size;
        hunt->relative_base = before;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

enum status tokens_find_tables(const struct address_space *physical, struct budget *budget,
                               struct gva token_index, struct view *scratch,
                               struct kallsyms_tables *tables, struct evidence *evidence)
{
    static const struct {
        enum status (*step)(struct hunt *hunt);
        const char *what;
    } steps[] = {
        {find_token_table, "kallsyms token table"},
        {find_markers_and_names, "kallsyms markers and names"},
        {find_offsets, "kallsyms offsets"},
    };
    struct hunt hunt = {
        .physical = physical, .budget = budget, .view = scratch, .token_index = token_index.v};
    view_open(scratch, physical, budget, gva(0), token_index.v);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        enum status status = steps[i].step(&hunt);
        if (status != STATUS_OK)
            return refuse(evidence, status, steps[i].what, token_index.v);
    }
    *tables = (struct kallsyms_tables){.names = gva(hunt.names),
                                       .num_syms = gva(hunt.num_syms),
                                       .token_table = gva(hunt.token_table),
                                       .token_index = token_index,
                                       .offsets = gva(hunt.offsets),
                                       .relative_base = gva(hunt.relative_base)};
    return STATUS_OK;
}
