#include "btf.h"

#include "base/bytes.h"
#include "base/checked.h"

#define BTF_MAGIC 0xeb9fU

enum {
    HEADER_SIZE = 24,
    TYPE_SIZE = 12,
    KIND_INT = 1,
    KIND_ARRAY = 3,
    KIND_STRUCT = 4,
    KIND_UNION = 5,
    KIND_ENUM = 6,
    KIND_FUNC_PROTO = 13,
    KIND_VAR = 14,
    KIND_DATASEC = 15,
    KIND_DECL_TAG = 17,
    KIND_ENUM64 = 19,
    KIND_MAX = 19
};

/* Bytes behind the common header of a type: `fixed`, and `each` for every one of vlen. */
static const struct {
    uint8_t fixed, each;
} trailer[KIND_MAX + 1] = {
    [KIND_INT] = {4, 0},     [KIND_ARRAY] = {12, 0},   [KIND_STRUCT] = {0, 12},
    [KIND_UNION] = {0, 12},  [KIND_ENUM] = {0, 8},     [KIND_FUNC_PROTO] = {0, 8},
    [KIND_VAR] = {4, 0},     [KIND_DATASEC] = {0, 12}, [KIND_DECL_TAG] = {4, 0},
    [KIND_ENUM64] = {0, 12},
};

enum status btf_open(struct btf *btf, const struct address_space *space, struct budget *budget,
                     struct gva base, uint64_t size, struct evidence *evidence)
{
    unsigned char header[HEADER_SIZE];
    enum status status = paging_read(space, budget, base, header, sizeof header);
    if (status != STATUS_OK)
        return refuse(evidence, status, "BTF header", base.v);
    uint32_t length = load_le32(header + 4);
    uint64_t types_at = (uint64_t)length + load_le32(header + 8);
    uint64_t strings_at = (uint64_t)length + load_le32(header + 16);
    uint32_t types_size = load_le32(header + 12);
    uint32_t strings_size = load_le32(header + 20);
    if (load_le16(header) != BTF_MAGIC || header[2] != 1 || length < HEADER_SIZE)
        return refuse(evidence, STATUS_MALFORMED, "BTF header magic or version", base.v);
    if (size > BTF_SIZE_MAX || !range_within(types_at, types_size, size) ||
        !range_within(strings_at, strings_size, size))
        return refuse(evidence, STATUS_MALFORMED, "BTF sections outside the blob", base.v);
    view_open(&btf->types, space, budget, gva_add(base, types_at), types_size);
    view_open(&btf->strings, space, budget, gva_add(base, strings_at), strings_size);
    btf->count = 0;
    return STATUS_OK;
}

enum status btf_type_at(struct btf *btf, uint64_t at, struct btf_type *type)
{
    const unsigned char *p;
    enum status status = view_bytes(&btf->types, at, TYPE_SIZE, &p);
    if (status != STATUS_OK)
        return status;
    uint32_t info = load_le32(p + 4);
    struct btf_type found = {.name = load_le32(p),
                             .count = info & 0xffff,
                             .kind = info >> 24 & 0x1f,
                             .kind_flag = info >> 31,
                             .size_or_type = load_le32(p + 8),
                             .at = at};
    if (found.kind == 0 || found.kind > KIND_MAX)
        return STATUS_MALFORMED;
    found.next = at + TYPE_SIZE + trailer[found.kind].fixed +
                 (uint64_t)trailer[found.kind].each * found.count;
    *type = found;
    return STATUS_OK;
}

enum status btf_type_by_id(struct btf *btf, uint32_t id, struct btf_type *type)
{
    if (id == 0 || id > btf->count)
        return STATUS_NOT_FOUND;
    struct btf_type found = {.next = btf->index[(id - 1) / btf->stride]};
    for (uint32_t left = (id - 1) % btf->stride + 1; left > 0; left--) {
        enum status status = btf_type_at(btf, found.next, &found);
        if (status != STATUS_OK)
            return status;
    }
    *type = found;
    return STATUS_OK;
}

enum status btf_name(struct btf *btf, uint32_t offset, char name[BTF_NAME_SIZE])
{
    const struct view *strings = &btf->strings;
    if (offset >= strings->size)
        return STATUS_TRUNCATED;
    uint64_t left = strings->size - offset;
    size_t part = left < BTF_NAME_SIZE ? (size_t)left : BTF_NAME_SIZE;
    enum status status =
        paging_read(strings->space, strings->budget, gva_add(strings->base, offset), name, part);
    if (status == STATUS_OK)
        name[part - 1] = '\0';
    return status;
}

bool btf_is_aggregate(const struct btf_type *type)
{
    return type->kind == KIND_STRUCT || type->kind == KIND_UNION;
}

static enum status note_wanted(struct btf *btf, const struct btf_visitor *visitor,
                               const struct btf_type *type, uint32_t id)
{
    char name[BTF_NAME_SIZE];
    enum status status = btf_name(btf, type->name, name);
    if (status != STATUS_OK)
        return status;
    size_t length = text_length(name, sizeof name);
    for (size_t i = 0; i < visitor->count; i++)
        if (visitor->wanted[i].id == 0 && text_is(name, length, visitor->wanted[i].name))
            visitor->wanted[i].id = id;
    return STATUS_OK;
}

static enum status visit_enumerators(struct btf *btf, const struct btf_visitor *visitor,
                                     const struct btf_type *type)
{
    char name[BTF_NAME_SIZE];
    for (uint32_t i = 0; i < type->count; i++) {
        const unsigned char *p;
        enum status status = view_bytes(&btf->types, type->at + TYPE_SIZE + 8ULL * i, 8, &p);
        if (status != STATUS_OK)
            return status;
        uint32_t value = load_le32(p + 4);
        status = btf_name(btf, load_le32(p), name);
        if (status != STATUS_OK)
            return status;
        if (name[0] < 'A' || name[0] > 'Z')
            break;
        visitor->enumerator(visitor->context, name, value);
    }
    return STATUS_OK;
}

static enum status visit(struct btf *btf, const struct btf_visitor *visitor,
                         const struct btf_type *type, uint32_t id)
{
    if (btf_is_aggregate(type) && type->name != 0)
        return note_wanted(btf, visitor, type, id);
    if (type->kind == KIND_ENUM && type->name == 0 && visitor->enumerator != NULL)
        return visit_enumerators(btf, visitor, type);
    return STATUS_OK;
}

/* How many types there are decides the stride: a first pass over the headers alone. */
static enum status count_types(struct btf *btf, struct evidence *evidence)
{
    struct btf_type type = {.next = 0};
    uint32_t count = 0;
    while (type.next < btf->types.size) {
        uint64_t at = type.next;
        enum status status = btf_type_at(btf, at, &type);
        if (status != STATUS_OK)
            return refuse(evidence, status, "BTF type", at);
        if (++count > BTF_TYPES_MAX)
            return refuse(evidence, STATUS_MALFORMED, "number of BTF types", count);
    }
    btf->count = count;
    btf->stride = count / BTF_INDEX_SIZE + 1;
    return STATUS_OK;
}

enum status btf_scan(struct btf *btf, const struct btf_visitor *visitor, struct evidence *evidence)
{
    struct btf_type type = {.next = 0};
    enum status status = count_types(btf, evidence);
    if (status != STATUS_OK)
        return status;
    for (uint32_t id = 1; id <= btf->count; id++) {
        uint64_t at = type.next;
        if ((id - 1) % btf->stride == 0)
            btf->index[(id - 1) / btf->stride] = (uint32_t)at;
        status = btf_type_at(btf, at, &type);
        if (status == STATUS_OK)
            status = visit(btf, visitor, &type, id);
        if (status != STATUS_OK)
            return refuse(evidence, status, "BTF type", at);
    }
    return STATUS_OK;
}

enum status btf_size(struct btf *btf, uint32_t structure, uint32_t *size)
{
    struct btf_type type;
    enum status status = btf_type_by_id(btf, structure, &type);
    if (status != STATUS_OK)
        return status;
    if (!btf_is_aggregate(&type))
        return STATUS_MALFORMED;
    *size = type.size_or_type;
    return STATUS_OK;
}
