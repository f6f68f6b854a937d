/* ELF64 cores. Offsets and values: System V gABI, "ELF Header" and "Program Header". */
#include "base/bytes.h"
#include "base/checked.h"
#include "base/cursor.h"
#include "guestmem/image.h"
#include "segments.h"

enum {
    EI_CLASS_64 = 2,
    EI_DATA_LSB = 1,
    ET_CORE = 4,
    EM_X86_64 = 62,
    PT_LOAD = 1,
    PN_XNUM = 0xffff,
    PHDR_SIZE = 56
};

static const unsigned char elf_magic[] = {0x7f, 'E', 'L', 'F'};

struct program_headers {
    uint64_t offset;
    uint16_t count;
};

bool image_looks_like_elf(const unsigned char *bytes, uint64_t size)
{
    return size >= sizeof elf_magic && bytes_equal(bytes, elf_magic, sizeof elf_magic);
}

static enum status read_ident(struct cursor *file, struct evidence *evidence)
{
    const unsigned char *ident;
    uint16_t type;
    uint16_t machine;
    if (!cursor_bytes(file, 16, &ident) || !cursor_le16(file, &type) ||
        !cursor_le16(file, &machine))
        return refuse(evidence, STATUS_TRUNCATED, "ELF header", file->at);
    if (!image_looks_like_elf(ident, 16) || ident[4] != EI_CLASS_64 || ident[5] != EI_DATA_LSB)
        return refuse(evidence, STATUS_UNSUPPORTED, "not a 64-bit little-endian ELF file", 0);
    if (type != ET_CORE || machine != EM_X86_64)
        return refuse(evidence, STATUS_UNSUPPORTED, "not an x86-64 core file", 16);
    return STATUS_OK;
}

static enum status read_header(struct cursor *file, struct program_headers *headers,
                               struct evidence *evidence)
{
    struct program_headers found;
    uint16_t entry_size;
    enum status status = read_ident(file, evidence);
    if (status != STATUS_OK)
        return status;
    if (!cursor_seek(file, 32) || !cursor_le64(file, &found.offset) || !cursor_seek(file, 54) ||
        !cursor_le16(file, &entry_size) || !cursor_le16(file, &found.count))
        return refuse(evidence, STATUS_TRUNCATED, "ELF header", file->at);
    if (entry_size != PHDR_SIZE || found.count == 0 || found.count == PN_XNUM)
        return refuse(evidence, STATUS_UNSUPPORTED, "ELF program header table", 54);
    *headers = found;
    return STATUS_OK;
}

/* One program header, at the cursor. */
static enum status add_segment(struct cursor *file, struct image *image, struct evidence *evidence)
{
    uint64_t at = file->at;
    uint32_t type;
    uint32_t flags;
    uint64_t offset;
    uint64_t virtual_address;
    uint64_t physical;
    uint64_t file_size;
    if (!cursor_le32(file, &type) || !cursor_le32(file, &flags) || !cursor_le64(file, &offset) ||
        !cursor_le64(file, &virtual_address) || !cursor_le64(file, &physical) ||
        !cursor_le64(file, &file_size) || !cursor_skip(file, 16))
        return refuse(evidence, STATUS_TRUNCATED, "ELF program header", file->at);
    if (type != PT_LOAD)
        return STATUS_OK;
    if (!range_within(offset, file_size, file->size))
        return refuse(evidence, STATUS_TRUNCATED, "ELF segment ends behind the file", at);
    struct guestmem_range range = {gpa(physical), file_size};
    return segment_add(image, range, file->bytes + offset, evidence, at);
}

enum status image_from_elf(const unsigned char *bytes, uint64_t size, struct image *image,
                           struct evidence *evidence)
{
    struct cursor file = cursor_over(bytes, (size_t)size);
    struct program_headers headers = {0};
    struct image found = {.count = 0};
    enum status status = read_header(&file, &headers, evidence);
    if (status != STATUS_OK)
        return status;
    if (!cursor_seek(&file, headers.offset))
        return refuse(evidence, STATUS_TRUNCATED, "ELF program headers", headers.offset);
    for (unsigned i = 0; i < headers.count && status == STATUS_OK; i++)
        status = add_segment(&file, &found, evidence);
    if (status == STATUS_OK && found.count == 0)
        return refuse(evidence, STATUS_NOT_FOUND, "ELF core without memory segments", 0);
    if (status == STATUS_OK)
        *image = found;
    return status;
}
