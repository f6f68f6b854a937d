#include "kallsyms.h"

#include "base/bytes.h"

/* FNV-1a, 32 bits: only to tell at little cost that a name is none of those wanted. */
#define HASH_START 2166136261U
#define HASH_PRIME 16777619U

/* A wanted name is shorter than this many tokens: what follows cannot make another name equal it.
 */
enum {
    KALLSYMS_NAME_TOKENS = 64
};

static uint32_t hash_step(uint32_t hash, char c)
{
    return (hash ^ (uint8_t)c) * HASH_PRIME;
}

static uint32_t hash_text(const char *text)
{
    uint32_t hash = HASH_START;
    for (; *text != '\0'; text++)
        hash = hash_step(hash, *text);
    return hash;
}

/* Every token must be a NUL-terminated string inside the copy. */
static enum status measure_tokens(struct kallsyms *kallsyms, size_t size, struct evidence *evidence)
{
    for (unsigned i = 0; i < KALLSYMS_TOKENS; i++) {
        size_t start = kallsyms->starts[i];
        if (start >= size)
            return refuse(evidence, STATUS_MALFORMED, "kallsyms token outside its table", i);
        size_t length = text_length(kallsyms->tokens + start, size - start);
        if (length == size - start || length > UINT8_MAX)
            return refuse(evidence, STATUS_MALFORMED, "kallsyms token without an end", i);
        kallsyms->lengths[i] = (uint8_t)length;
    }
    return STATUS_OK;
}

/* The table is as long as its last token needs, rounded up: read what the image has of it. */
static enum status read_tokens(struct kallsyms *kallsyms, const struct address_space *space,
                               struct budget *budget, struct evidence *evidence)
{
    uint64_t at = kallsyms->tables.token_table.v;
    size_t size = (size_t)kallsyms->starts[KALLSYMS_TOKENS - 1] + UINT8_MAX + 1;
    if (size > sizeof kallsyms->tokens)
        return refuse(evidence, STATUS_MALFORMED, "kallsyms token table size", at);
    enum status status = paging_read(space, budget, gva(at), kallsyms->tokens, size);
    if (status != STATUS_OK)
        return refuse(evidence, status, "kallsyms token table", at);
    return measure_tokens(kallsyms, size, evidence);
}

enum status kallsyms_open(struct kallsyms *kallsyms, const struct address_space *space,
                          struct budget *budget, const struct kallsyms_tables *tables,
                          struct evidence *evidence)
{
    kallsyms->tables = *tables;
    enum status status = paging_read_u32(space, budget, tables->num_syms, &kallsyms->count);
    if (status == STATUS_OK)
        status = paging_read_u64(space, budget, tables->relative_base, &kallsyms->relative_base);
    if (status != STATUS_OK)
        return refuse(evidence, status, "kallsyms count and base", tables->num_syms.v);
    if (kallsyms->count == 0 || kallsyms->count > KALLSYMS_COUNT_MAX)
        return refuse(evidence, STATUS_MALFORMED, "kallsyms count", kallsyms->count);
    status =
        paging_read(space, budget, tables->token_index, kallsyms->starts, sizeof kallsyms->starts);
    if (status != STATUS_OK)
        return refuse(evidence, status, "kallsyms token index", tables->token_index.v);
    view_open(&kallsyms->names, space, budget, tables->names, KALLSYMS_NAMES_MAX);
    return read_tokens(kallsyms, space, budget, evidence);
}

enum status kallsyms_entry(struct view *names, uint64_t at, const unsigned char **tokens,
                           size_t *count, uint64_t *next)
{
    const unsigned char *head;
    enum status status = view_bytes(names, at, 2, &head);
    if (status != STATUS_OK)
        return status;
    size_t length = head[0] & 0x7fU;
    size_t head_size = 1;
    if (head[0] & 0x80U) {
        length |= (size_t)head[1] << 7;
        head_size = 2;
    }
    if (length == 0 || length > KALLSYMS_ENTRY_MAX)
        return STATUS_MALFORMED;
    status = view_bytes(names, at + head_size, length, tokens);
    if (status != STATUS_OK)
        return status;
    *count = length;
    *next = at + head_size + length;
    return STATUS_OK;
}

struct search {
    const struct kallsyms_wanted *wanted;
    size_t count;
    uint32_t hashes[KALLSYMS_WANTED_MAX];
    uint32_t index[KALLSYMS_WANTED_MAX]; /* number of the symbol; UINT32_MAX: not found yet */
    size_t left;
};

static uint32_t hash_name(const struct kallsyms *kallsyms, const unsigned char *tokens,
                          size_t count)
{
    uint32_t hash = HASH_START;
    for (size_t i = 0; i < count && i < KALLSYMS_NAME_TOKENS; i++) {
        const char *text = kallsyms->tokens + kallsyms->starts[tokens[i]];
        for (size_t j = i == 0 ? 1 : 0; j < kallsyms->lengths[tokens[i]]; j++)
            hash = hash_step(hash, text[j]);
    }
    return hash;
}

/* Whether the expanded name, without its type, is `name`. */
static bool is_name(const struct kallsyms *kallsyms, const unsigned char *tokens, size_t count,
                    const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = kallsyms->tokens + kallsyms->starts[tokens[i]];
        for (size_t j = i == 0 ? 1 : 0; j < kallsyms->lengths[tokens[i]]; j++)
            if (*name == '\0' || *name++ != text[j])
                return false;
    }
    return *name == '\0';
}

static void match(const struct kallsyms *kallsyms, struct search *search, uint32_t symbol,
                  const unsigned char *tokens, size_t count)
{
    uint32_t hash = hash_name(kallsyms, tokens, count);
    for (size_t i = 0; i < search->count; i++) {
        if (search->hashes[i] != hash || search->index[i] != UINT32_MAX)
            continue;
        if (is_name(kallsyms, tokens, count, search->wanted[i].name)) {
            search->index[i] = symbol;
            search->left--;
        }
    }
}

static enum status search_names(struct kallsyms *kallsyms, struct search *search,
                                struct evidence *evidence)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < kallsyms->count && search->left > 0; i++) {
        const unsigned char *tokens;
        size_t count;
        enum status status = kallsyms_entry(&kallsyms->names, at, &tokens, &count, &at);
        if (status != STATUS_OK)
            return refuse(evidence, status, "kallsyms name", at);
        match(kallsyms, search, i, tokens, count);
    }
    return STATUS_OK;
}

static uint64_t address_of(const struct kallsyms *kallsyms, uint32_t raw, bool absolute_percpu)
{
    int64_t offset = (int32_t)raw;
    if (!absolute_percpu)
        return kallsyms->relative_base + raw;
    return offset >= 0 ? (uint64_t)offset : kallsyms->relative_base - 1 - (uint64_t)offset;
}

static enum status read_offset(const struct kallsyms *kallsyms, uint32_t symbol, uint32_t *raw)
{
    struct gva at = gva_add(kallsyms->tables.offsets, (uint64_t)symbol * sizeof *raw);
    return paging_read_u32(kallsyms->names.space, kallsyms->names.budget, at, raw);
}

static enum status resolve(const struct kallsyms *kallsyms, const struct search *search,
                           struct kernel_symbols *symbols, struct evidence *evidence)
{
    bool absolute_percpu = false;
    for (size_t i = 0; i < search->count; i++) {
        const struct kallsyms_wanted *wanted = &search->wanted[i];
        uint32_t raw;
        if (search->index[i] == UINT32_MAX) {
            if (wanted->required)
                return refuse(evidence, STATUS_NOT_FOUND, wanted->name, i);
            continue;
        }
        enum status status = read_offset(kallsyms, search->index[i], &raw);
        if (status != STATUS_OK)
            return refuse(evidence, status, "kallsyms offset", search->index[i]);
        if (i == 0)
            absolute_percpu = (int32_t)raw < 0;
        struct gva address = gva(address_of(kallsyms, raw, absolute_percpu));
        bytes_copy((char *)symbols + wanted->field, &address, sizeof address);
    }
    return STATUS_OK;
}

enum status kallsyms_find(struct kallsyms *kallsyms, const struct kallsyms_wanted *wanted,
                          size_t count, struct kernel_symbols *symbols, struct evidence *evidence)
{
    struct search search = {.wanted = wanted, .count = count, .left = count};
    struct kernel_symbols found = {0};
    if (count > KALLSYMS_WANTED_MAX)
        return refuse(evidence, STATUS_FULL, "symbols wanted", count);
    for (size_t i = 0; i < count; i++) {
        search.hashes[i] = hash_text(wanted[i].name);
        search.index[i] = UINT32_MAX;
    }
    enum status status = search_names(kallsyms, &search, evidence);
    if (status == STATUS_OK)
        status = resolve(kallsyms, &search, &found, evidence);
    if (status == STATUS_OK)
        *symbols = found;
    return status;
}
