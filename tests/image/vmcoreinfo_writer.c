#include "vmcoreinfo_writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void line(struct buffer *text, const char *key, const char *value)
{
    (void)buffer_append(text, key, strlen(key));
    (void)buffer_append(text, "=", 1);
    (void)buffer_append(text, value, strlen(value));
    (void)buffer_append(text, "\n", 1);
}

static void decimal(struct buffer *text, const char *key, int64_t value)
{
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%" PRId64, value);
    line(text, key, digits);
}

static void hexadecimal(struct buffer *text, const char *key, uint64_t value)
{
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%" PRIx64, value);
    line(text, key, digits);
}

static void symbol(struct buffer *text, const char *name, uint64_t address)
{
    char key[64];
    (void)snprintf(key, sizeof key, "SYMBOL(%s)", name);
    if (address != 0)
        hexadecimal(text, key, address);
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
    line(&text, "OSRELEASE", facts->release);
    line(&text, "BUILD-ID", facts->build_id);
    decimal(&text, "PAGESIZE", 4096);
    symbol(&text, "init_uts_ns", facts->init_uts_ns);
    decimal(&text, "OFFSET(uts_namespace.name)", 0);
    symbol(&text, "swapper_pg_dir", facts->swapper_pg_dir);
    symbol(&text, "_stext", facts->stext);
    decimal(&text, "SIZE(list_head)", 16);
    decimal(&text, "LENGTH(free_area.free_list)", 5);
    kallsyms_lines(&text, facts);
    decimal(&text, "NUMBER(phys_base)", facts->phys_base);
    symbol(&text, "init_top_pgt", facts->swapper_pg_dir);
    decimal(&text, "NUMBER(pgtable_l5_enabled)", facts->five_levels ? 1 : 0);
    hexadecimal(&text, "KERNELOFFSET", facts->kaslr_offset);
    decimal(&text, "NUMBER(KERNEL_IMAGE_SIZE)", 1 << 30);
    decimal(&text, "NUMBER(sme_mask)", 0);
    decimal(&text, "CRASHTIME", 0);
    (void)buffer_u8(&text, 0);
    vmcoreinfo_write_text(buffer, (const char *)text.bytes);
    buffer_free(&text);
}
