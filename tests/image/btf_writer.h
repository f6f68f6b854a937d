/*
 * Writes a .BTF section, type after type (Linux, Documentation/bpf/btf.rst).
 *
 * Each function appends one type and returns its id. Members, enumerators and parameters go to the
 * type that was appended last, so inner types are written before the outer one.
 */
#ifndef IMAGE_BTF_WRITER_H
#define IMAGE_BTF_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum btf_write_kind {
    WRITE_INT = 1,
    WRITE_PTR,
    WRITE_ARRAY,
    WRITE_STRUCT,
    WRITE_UNION,
    WRITE_ENUM,
    WRITE_FWD,
    WRITE_TYPEDEF,
    WRITE_VOLATILE,
    WRITE_CONST,
    WRITE_RESTRICT,
    WRITE_FUNC,
    WRITE_FUNC_PROTO,
    WRITE_VAR,
    WRITE_DATASEC,
    WRITE_FLOAT,
    WRITE_DECL_TAG,
    WRITE_TYPE_TAG,
    WRITE_ENUM64
};

enum {
    BTF_WRITE_HEADER = 24
};

struct btf_writer {
    struct buffer types;
    struct buffer strings;
    size_t last; /* offset of the type appended last */
    uint32_t count;
};

/* An empty section; its string table has the empty string at 0. */
void btf_write_open(struct btf_writer *writer);

/* Header, types, strings: the caller frees the buffer; the writer is empty then. */
struct buffer btf_write_close(struct btf_writer *writer);

/* Any type without data behind it; `size_or_type` by kind. Name "" is anonymous. */
uint32_t btf_write_type(struct btf_writer *writer, enum btf_write_kind kind, const char *name,
                        uint32_t size_or_type);
uint32_t btf_write_int(struct btf_writer *writer, const char *name, uint32_t size, bool is_signed);
uint32_t btf_write_array(struct btf_writer *writer, uint32_t type, uint32_t index, uint32_t count);
uint32_t btf_write_var(struct btf_writer *writer, const char *name, uint32_t type);
uint32_t btf_write_decl_tag(struct btf_writer *writer, const char *name, uint32_t type);

/* To the struct or union appended last. */
void btf_write_member(struct btf_writer *writer, const char *name, uint32_t type,
                      uint32_t byte_offset);
/* A bitfield; the struct then has kind_flag set for all its members. */
void btf_write_bitfield(struct btf_writer *writer, const char *name, uint32_t type,
                        uint32_t bit_offset, uint32_t bits);
/* To the enum, enum64, func_proto, datasec appended last. */
void btf_write_enumerator(struct btf_writer *writer, const char *name, uint32_t value);
void btf_write_enumerator64(struct btf_writer *writer, const char *name, uint64_t value);
void btf_write_parameter(struct btf_writer *writer, const char *name, uint32_t type);
void btf_write_section_variable(struct btf_writer *writer, uint32_t var, uint32_t at,
                                uint32_t size);

#endif
