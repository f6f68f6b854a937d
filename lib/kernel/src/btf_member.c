/* Following a path of member names through structures, anonymous ones included. */
#include "base/bytes.h"
#include "btf.h"

enum {
    MEMBER_SIZE = 12,
    TYPE_SIZE = 12,
    KIND_TYPEDEF = 8,
    KIND_VOLATILE = 9,
    KIND_CONST = 10,
    KIND_RESTRICT = 11,
    KIND_TYPE_TAG = 18,
    MODIFIERS_MAX = 16
};

struct found {
    uint32_t bits; /* from the start of the structure searched */
    uint32_t type;
};

/* A structure that is being searched, and those around it. */
struct level {
    struct btf_type type;
    uint32_t next; /* member to look at next */
    uint32_t bits; /* where this structure is in the outermost one */
};

struct search {
    struct level levels[BTF_DEPTH_MAX];
    unsigned depth;
};

static bool is_modifier(uint32_t kind)
{
    return (kind >= KIND_TYPEDEF && kind <= KIND_RESTRICT) || kind == KIND_TYPE_TAG;
}

/* The structure or union behind typedefs and qualifiers. */
static enum status aggregate(struct btf *btf, uint32_t id, struct btf_type *type)
{
    struct btf_type found;
    for (unsigned i = 0; i < MODIFIERS_MAX; i++) {
        if (!budget_take(btf->types.budget, 1))
            return STATUS_BUDGET;
        enum status status = btf_type_by_id(btf, id, &found);
        if (status != STATUS_OK)
            return status;
        if (btf_is_aggregate(&found)) {
            *type = found;
            return STATUS_OK;
        }
        if (!is_modifier(found.kind))
            return STATUS_NOT_FOUND;
        id = found.size_or_type;
    }
    return STATUS_MALFORMED;
}

static enum status push(struct btf *btf, struct search *search, uint32_t id, uint32_t bits)
{
    if (search->depth == BTF_DEPTH_MAX)
        return STATUS_UNSUPPORTED;
    struct level *level = &search->levels[search->depth];
    enum status status = aggregate(btf, id, &level->type);
    if (status != STATUS_OK)
        return status;
    level->next = 0;
    level->bits = bits;
    search->depth++;
    return STATUS_OK;
}

struct member {
    uint32_t name, type, bits;
    bool bit_field;
};

static enum status next_member(struct btf *btf, struct level *level, struct member *member)
{
    const unsigned char *p;
    uint64_t at = level->type.at + TYPE_SIZE + (uint64_t)MEMBER_SIZE * level->next;
    enum status status = view_bytes(&btf->types, at, MEMBER_SIZE, &p);
    if (status != STATUS_OK)
        return status;
    uint32_t offset = load_le32(p + 8);
    bool flag = level->type.kind_flag;
    member->name = load_le32(p);
    member->type = load_le32(p + 4);
    member->bits = level->bits + (flag ? offset & 0xffffff : offset);
    member->bit_field = flag && offset >> 24 != 0;
    level->next++;
    return STATUS_OK;
}

static enum status has_name(struct btf *btf, const struct member *member, const char *name,
                            size_t length, bool *same)
{
    char text[BTF_NAME_SIZE];
    enum status status = btf_name(btf, member->name, text);
    if (status == STATUS_OK)
        *same = length < sizeof text && text[length] == '\0' && bytes_equal(text, name, length);
    return status;
}

/* An anonymous member that is no structure (a padding bit field) has nothing to look into. */
static enum status enter(struct btf *btf, struct search *search, const struct member *member)
{
    enum status status = push(btf, search, member->type, member->bits);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Depth first, in the order of declaration, without recursion. */
static enum status find_in(struct btf *btf, uint32_t structure, const char *name, size_t length,
                           struct found *found)
{
    struct search search = {.depth = 0};
    enum status status = push(btf, &search, structure, 0);
    while (status == STATUS_OK && search.depth > 0) {
        struct level *level = &search.levels[search.depth - 1];
        struct member member;
        bool same = false;
        if (level->next == level->type.count) {
            search.depth--;
            continue;
        }
        status = next_member(btf, level, &member);
        if (status != STATUS_OK)
            return status;
        status = member.name == 0 ? enter(btf, &search, &member)
                                  : has_name(btf, &member, name, length, &same);
        if (same && (member.bit_field || member.bits % 8 != 0))
            return STATUS_UNSUPPORTED;
        if (same) {
            *found = (struct found){.bits = member.bits, .type = member.type};
            return STATUS_OK;
        }
    }
    return status == STATUS_OK ? STATUS_NOT_FOUND : status;
}

enum status btf_member(struct btf *btf, uint32_t structure, const char *path,
                       struct btf_member *member)
{
    uint32_t bytes = 0;
    struct found found = {.type = structure};
    while (*path != '\0') {
        size_t length = 0;
        while (path[length] != '\0' && path[length] != '.')
            length++;
        enum status status = find_in(btf, found.type, path, length, &found);
        if (status != STATUS_OK)
            return status;
        bytes += found.bits / 8;
        path += length + (path[length] == '.' ? 1 : 0);
    }
    *member = (struct btf_member){.offset = bytes, .type = found.type};
    return STATUS_OK;
}
