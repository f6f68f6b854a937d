#include "vmcoreinfo_writer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void line(struct buffer *text, const char *format, ...)
{
    char room[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(room, sizeof room, format, arguments);
    va_end(arguments);
    (void)buffer_append(text, room, (size_t)length);
    (void)buffer_u8(text, '\n');
}

static void symbol(struct buffer *text, const char *name, uint64_t address)
{
    if (address != 0)
        line(text, "SYMBOL(%s)=%" PRIx64, name, address);
}

static void kallsyms_lines(struct buffer *text, const struct vmcoreinfo_facts *facts)
{
    symbol(text, "kallsyms_names", facts->kallsyms_names);
    symbol(text, "kallsyms_num_syms", facts->kallsyms_num_syms);
    symbol(text, "kallsyms_token_table", facts->kallsyms_token_table);
    symbol(text, "kallsyms_token_index", facts->kallsyms_token_index);
    symbol(text, "kallsyms_offsets", facts->kallsyms_offsets);
    symbol(text, "kallsyms_relative_base", facts->kallsyms_relative_base);
}

void vmcoreinfo_write_text(struct buffer *buffer, const char *text)
{
    (void)buffer_u32(buffer, 11);
    (void)buffer_u32(buffer, (uint32_t)strlen(text));
    (void)buffer_u32(buffer, 0);
    (void)buffer_append(buffer, "VMCOREINFO\0", 12);
    (void)buffer_append(buffer, text, strlen(text));
}

void vmcoreinfo_write(struct buffer *buffer, const struct vmcoreinfo_facts *facts)
{
    struct buffer text = {0};
    line(&text, "OSRELEASE=%s", facts->release);
    line(&text, "BUILD-ID=%s", facts->build_id);
    line(&text, "PAGESIZE=4096");
    symbol(&text, "init_uts_ns", facts->init_uts_ns);
    line(&text, "OFFSET(uts_namespace.name)=0");
    symbol(&text, "swapper_pg_dir", facts->swapper_pg_dir);
    symbol(&text, "_stext", facts->stext);
    line(&text, "SIZE(list_head)=16");
    line(&text, "LENGTH(free_area.free_list)=5");
    kallsyms_lines(&text, facts);
    line(&text, "NUMBER(phys_base)=%" PRId64, facts->phys_base);
    symbol(&text, "init_top_pgt", facts->swapper_pg_dir);
    line(&text, "NUMBER(pgtable_l5_enabled)=%d", facts->five_levels ? 1 : 0);
    line(&text, "KERNELOFFSET=%" PRIx64, facts->kaslr_offset);
    line(&text, "NUMBER(KERNEL_IMAGE_SIZE)=1073741824");
    line(&text, "NUMBER(sme_mask)=0");
    line(&text, "CRASHTIME=0");
    (void)buffer_u8(&text, 0);
    vmcoreinfo_write_text(buffer, (const char *)text.bytes);
    buffer_free(&text);
}
