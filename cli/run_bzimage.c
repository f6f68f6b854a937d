#include "run_bzimage.h"

#include <string.h>

#include "base/cursor.h"

enum {
    SETUP_SECTS = 0x1f1,
    SYSSIZE = 0x1f4,
    MAGIC = 0x202,
    LOAD_FLAGS = 0x211,
    XLOAD_FLAGS = 0x236,
    PAYLOAD_OFFSET = 0x248,
    PREF_ADDRESS = 0x258,

    SECTOR = 512,
    SETUP_SECTS_OLD = 4, /* what 0 stands for */
    PARAGRAPH = 16,      /* unit of syssize */
    PROTOCOL = 0x20c,    /* 2.12: the first with xloadflags */
    LOADED_HIGH = 1,
    KERNEL_64 = 1
};

struct header {
    const unsigned char *setup_sects;
    const unsigned char *magic;
    const unsigned char *load_flags;
    uint32_t syssize;
    uint16_t version;
    uint16_t xload_flags;
    uint32_t payload_offset;
    uint64_t pref_address;
    uint32_t init_size;
};

static bool read_header(struct cursor *cursor, struct header *header)
{
    return cursor_seek(cursor, SETUP_SECTS) && cursor_bytes(cursor, 1, &header->setup_sects) &&
           cursor_seek(cursor, SYSSIZE) && cursor_le32(cursor, &header->syssize) &&
           cursor_seek(cursor, MAGIC) && cursor_bytes(cursor, 4, &header->magic) &&
           cursor_le16(cursor, &header->version) && cursor_seek(cursor, LOAD_FLAGS) &&
           cursor_bytes(cursor, 1, &header->load_flags) && cursor_seek(cursor, XLOAD_FLAGS) &&
           cursor_le16(cursor, &header->xload_flags) && cursor_seek(cursor, PAYLOAD_OFFSET) &&
           cursor_le32(cursor, &header->payload_offset) && cursor_seek(cursor, PREF_ADDRESS) &&
           cursor_le64(cursor, &header->pref_address) && cursor_le32(cursor, &header->init_size);
}

static enum status check_kind(const struct header *header, struct evidence *evidence)
{
    if (memcmp(header->magic, "HdrS", 4) != 0)
        return refuse(evidence, STATUS_MALFORMED,
                      "is not a bzImage (no HdrS at 0x202): give the vmlinuz of a Linux kernel",
                      MAGIC);
    if (header->version < PROTOCOL)
        return refuse(evidence, STATUS_UNSUPPORTED,
                      "boot protocol before 2.12: give a kernel of 3.8 or newer", MAGIC);
    if ((header->load_flags[0] & LOADED_HIGH) == 0 || (header->xload_flags & KERNEL_64) == 0)
        return refuse(evidence, STATUS_UNSUPPORTED,
                      "has no 64-bit entry: give an x86-64 bzImage (not i386, not zImage)",
                      XLOAD_FLAGS);
    return STATUS_OK;
}

enum status bzimage_parse(const unsigned char *head, size_t size, uint64_t file_size,
                          struct bzimage *image, struct evidence *evidence)
{
    struct cursor cursor = cursor_over(head, size);
    struct header header;

    if (!read_header(&cursor, &header))
        return refuse(evidence, STATUS_MALFORMED,
                      "is too short for a bzImage: give the vmlinuz of a Linux kernel", size);
    enum status status = check_kind(&header, evidence);
    if (status != STATUS_OK)
        return status;

    unsigned sectors = header.setup_sects[0] == 0 ? SETUP_SECTS_OLD : header.setup_sects[0];
    uint64_t setup = (sectors + 1ULL) * SECTOR;
    uint64_t end = setup + (uint64_t)header.syssize * PARAGRAPH;
    if (end >= file_size + PARAGRAPH)
        return refuse(evidence, STATUS_TRUNCATED, "is truncated: copy the file again", file_size);
    *image = (struct bzimage){
        .payload = setup + header.payload_offset,
        .load_address = header.pref_address,
        .init_size = header.init_size,
    };
    return STATUS_OK;
}

bool bzimage_is_payload(const unsigned char magic[BZIMAGE_MAGIC])
{
    static const struct {
        const char *bytes;
        size_t length;
    } formats[] = {
        {"\x1f\x8b", 2},         /* gzip */
        {"BZh", 3},              /* bzip2 */
        {"\x5d\0\0", 3},         /* lzma */
        {"\xfd\x37zXZ\0", 6},    /* xz */
        {"\x89LZO", 4},          /* lzo */
        {"\x02\x21\x4c\x18", 4}, /* lz4, its legacy frame */
        {"\x28\xb5\x2f\xfd", 4}, /* zstd */
        {"\x7f"
         "ELF",
         4}, /* not compressed */
    };

    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (memcmp(magic, formats[i].bytes, formats[i].length) == 0)
            return true;
    return false;
}
