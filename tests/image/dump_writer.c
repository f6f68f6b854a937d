#include "dump_writer.h"

static void elf_header(struct buffer *file, unsigned segments)
{
    static const unsigned char ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    (void)buffer_append(file, ident, sizeof ident);
    (void)buffer_u16(file, 4);  /* ET_CORE */
    (void)buffer_u16(file, 62); /* EM_X86_64 */
    (void)buffer_u32(file, 1);
    (void)buffer_u64(file, 0);
    (void)buffer_u64(file, DUMP_ELF_HEADER); /* program headers follow at once */
    (void)buffer_u64(file, 0);
    (void)buffer_u32(file, 0);
    (void)buffer_u16(file, DUMP_ELF_HEADER);
    (void)buffer_u16(file, DUMP_ELF_SEGMENT);
    (void)buffer_u16(file, segments);
    (void)buffer_zeros(file, 6);
}

static void segment(struct buffer *file, uint32_t type, uint64_t offset,
                    const struct dump_range *range)
{
    (void)buffer_u32(file, type);
    (void)buffer_u32(file, 0);
    (void)buffer_u64(file, offset);
    (void)buffer_u64(file, 0); /* a physical dump has no virtual addresses */
    (void)buffer_u64(file, range->start);
    (void)buffer_u64(file, range->size);
    (void)buffer_u64(file, range->size);
    (void)buffer_u64(file, 0);
}

void dump_write_elf(struct buffer *file, const struct dump_range *ranges, unsigned count)
{
    static const struct dump_range nothing = {0};
    uint64_t offset = DUMP_ELF_HEADER + (uint64_t)DUMP_ELF_SEGMENT * (count + 1);
    elf_header(file, count + 1);
    segment(file, 4, offset, &nothing);
    for (unsigned i = 0; i < count; i++) {
        segment(file, 1, offset, &ranges[i]);
        offset += ranges[i].size;
    }
    for (unsigned i = 0; i < count; i++)
        (void)buffer_append(file, ranges[i].bytes, (size_t)ranges[i].size);
}

void dump_write_lime(struct buffer *file, const struct dump_range *ranges, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        (void)buffer_u32(file, 0x4c694d45);
        (void)buffer_u32(file, 1);
        (void)buffer_u64(file, ranges[i].start);
        (void)buffer_u64(file, ranges[i].start + ranges[i].size - 1);
        (void)buffer_u64(file, 0);
        (void)buffer_append(file, ranges[i].bytes, (size_t)ranges[i].size);
    }
}
