/*
 * BTF: the kernel's own description of its structures.
 *
 * Types are numbered from 1 in the order in which they stand; a sparse index of their offsets
 * makes any of them reachable in bounded steps. Nothing is kept but that index and the numbers of
 * the structures that were asked for.
 *
 * Source of the format: Linux Documentation/bpf/btf.rst, include/uapi/linux/btf.h.
 */
#ifndef KERNEL_BTF_H
#define KERNEL_BTF_H

#include "guestmem/view.h"

enum {
    BTF_INDEX_SIZE = 4096,
    BTF_TYPES_MAX = 1 << 21,
    BTF_NAME_SIZE = 40, /* longer names are never the wanted ones */
    BTF_DEPTH_MAX = 8,  /* nesting of anonymous members */
    BTF_WANTED_MAX = 40
};

#define BTF_SIZE_MAX (64ULL << 20)

/* A structure that will be asked for, and its number once found (0: it is not there). */
struct btf_wanted {
    const char *name;
    uint32_t id;
};

struct btf {
    struct view types;
    struct view strings;
    uint32_t count;                 /* types, numbered 1 .. count */
    uint32_t stride;                /* types an entry of the index covers */
    uint32_t index[BTF_INDEX_SIZE]; /* offset of type 1 + i * stride */
};

/* A member as a path reached it. */
struct btf_member {
    uint32_t offset; /* bytes from the start of the outermost structure */
    uint32_t type;   /* number of its type */
};

/* Checks the header of the `size` bytes at `base`. `btf` is undefined on failure. */
MUST_CHECK enum status btf_open(struct btf *btf, const struct address_space *space,
                                struct budget *budget, struct gva base, uint64_t size,
                                struct evidence *evidence);

/*
 * One pass over all types: builds the index, finds the `count` wanted structures or unions, and
 * calls `enumerator` for the enumerators of every enum whose first one begins with a capital.
 */
struct btf_visitor {
    struct btf_wanted *wanted;
    size_t count;
    void (*enumerator)(void *context, const char *name, uint32_t value);
    void *context;
};

MUST_CHECK enum status btf_scan(struct btf *btf, const struct btf_visitor *visitor,
                                struct evidence *evidence);

/* The common header of a type, decoded. */
struct btf_type {
    uint32_t name;
    uint32_t count; /* vlen */
    uint32_t kind;
    bool kind_flag;
    uint32_t size_or_type;
    uint64_t at;   /* offset of this type */
    uint64_t next; /* offset of the type behind it */
};

MUST_CHECK enum status btf_type_at(struct btf *btf, uint64_t at, struct btf_type *type);
MUST_CHECK enum status btf_type_by_id(struct btf *btf, uint32_t id, struct btf_type *type);
bool btf_is_aggregate(const struct btf_type *type);

/* Copies a name; one longer than BTF_NAME_SIZE - 1 bytes is cut, and so equals no wanted one. */
MUST_CHECK enum status btf_name(struct btf *btf, uint32_t offset, char name[BTF_NAME_SIZE]);

/* Size in bytes of a structure or union. */
MUST_CHECK enum status btf_size(struct btf *btf, uint32_t structure, uint32_t *size);

/*
 * Follows `path` ("a.b.c") from a structure through its members, and into anonymous structures
 * and unions; never through a pointer. STATUS_NOT_FOUND when there is no such member,
 * STATUS_UNSUPPORTED when it is a bit field.
 */
MUST_CHECK enum status btf_member(struct btf *btf, uint32_t structure, const char *path,
                                  struct btf_member *member);

#endif
