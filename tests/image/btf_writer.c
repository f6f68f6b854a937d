#include "btf_writer.h"

#include <string.h>

enum {
    INFO_AT = 4,
    KIND_FLAG = 31
};

static uint32_t load_info(const struct btf_writer *writer)
{
    uint32_t info;
    memcpy(&info, writer->types.bytes + writer->last + INFO_AT, sizeof info);
    return info;
}

static void store_info(struct btf_writer *writer, uint32_t info)
{
    memcpy(writer->types.bytes + writer->last + INFO_AT, &info, sizeof info);
}

static uint32_t add_name(struct btf_writer *writer, const char *name)
{
    return name[0] == '\0' ? 0 : (uint32_t)buffer_text(&writer->strings, name);
}

/* One more element behind the type appended last: it begins with a name. */
static void add_element(struct btf_writer *writer, const char *name)
{
    store_info(writer, load_info(writer) + 1); /* vlen is the lowest half */
    (void)buffer_u32(&writer->types, add_name(writer, name));
}

void btf_write_open(struct btf_writer *writer)
{
    memset(writer, 0, sizeof *writer);
    (void)buffer_text(&writer->strings, "");
}

struct buffer btf_write_close(struct btf_writer *writer)
{
    struct buffer blob = {0};
    uint32_t type_size = (uint32_t)writer->types.size;
    (void)buffer_u16(&blob, 0xeb9f);
    (void)buffer_u8(&blob, 1);
    (void)buffer_u8(&blob, 0);
    (void)buffer_u32(&blob, BTF_WRITE_HEADER);
    (void)buffer_u32(&blob, 0);
    (void)buffer_u32(&blob, type_size);
    (void)buffer_u32(&blob, type_size);
    (void)buffer_u32(&blob, (uint32_t)writer->strings.size);
    (void)buffer_append(&blob, writer->types.bytes, writer->types.size);
    (void)buffer_append(&blob, writer->strings.bytes, writer->strings.size);
    buffer_free(&writer->types);
    buffer_free(&writer->strings);
    return blob;
}

uint32_t btf_write_type(struct btf_writer *writer, enum btf_write_kind kind, const char *name,
                        uint32_t size_or_type)
{
    uint32_t name_at = add_name(writer, name);
    writer->last = buffer_u32(&writer->types, name_at);
    (void)buffer_u32(&writer->types, (uint32_t)kind << 24);
    (void)buffer_u32(&writer->types, size_or_type);
    return ++writer->count;
}

uint32_t btf_write_int(struct btf_writer *writer, const char *name, uint32_t size, bool is_signed)
{
    uint32_t id = btf_write_type(writer, WRITE_INT, name, size);
    (void)buffer_u32(&writer->types, (is_signed ? 1U << 24 : 0) | size * 8);
    return id;
}

uint32_t btf_write_array(struct btf_writer *writer, uint32_t type, uint32_t index, uint32_t count)
{
    uint32_t id = btf_write_type(writer, WRITE_ARRAY, "", 0);
    (void)buffer_u32(&writer->types, type);
    (void)buffer_u32(&writer->types, index);
    (void)buffer_u32(&writer->types, count);
    return id;
}

uint32_t btf_write_var(struct btf_writer *writer, const char *name, uint32_t type)
{
    uint32_t id = btf_write_type(writer, WRITE_VAR, name, type);
    (void)buffer_u32(&writer->types, 1);
    return id;
}

uint32_t btf_write_decl_tag(struct btf_writer *writer, const char *name, uint32_t type)
{
    uint32_t id = btf_write_type(writer, WRITE_DECL_TAG, name, type);
    (void)buffer_u32(&writer->types, 0xffffffffU);
    return id;
}

void btf_write_member(struct btf_writer *writer, const char *name, uint32_t type,
                      uint32_t byte_offset)
{
    add_element(writer, name);
    (void)buffer_u32(&writer->types, type);
    (void)buffer_u32(&writer->types, byte_offset * 8);
}

void btf_write_bitfield(struct btf_writer *writer, const char *name, uint32_t type,
                        uint32_t bit_offset, uint32_t bits)
{
    add_element(writer, name);
    (void)buffer_u32(&writer->types, type);
    (void)buffer_u32(&writer->types, bits << 24 | bit_offset);
    store_info(writer, load_info(writer) | 1U << KIND_FLAG);
}

void btf_write_enumerator(struct btf_writer *writer, const char *name, uint32_t value)
{
    add_element(writer, name);
    (void)buffer_u32(&writer->types, value);
}

void btf_write_enumerator64(struct btf_writer *writer, const char *name, uint64_t value)
{
    add_element(writer, name);
    (void)buffer_u64(&writer->types, value);
}

void btf_write_parameter(struct btf_writer *writer, const char *name, uint32_t type)
{
    add_element(writer, name);
    (void)buffer_u32(&writer->types, type);
}

void btf_write_section_variable(struct btf_writer *writer, uint32_t var, uint32_t at, uint32_t size)
{
    store_info(writer, load_info(writer) + 1);
    (void)buffer_u32(&writer->types, var);
    (void)buffer_u32(&writer->types, at);
    (void)buffer_u32(&writer->types, size);
}
