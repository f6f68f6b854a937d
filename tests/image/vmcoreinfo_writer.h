/*
 * Writes a page with a VMCOREINFO note (Linux, kernel/vmcore_info.c and
 * Documentation/admin-guide/kdump/vmcoreinfo.rst).
 */
#ifndef IMAGE_VMCOREINFO_WRITER_H
#define IMAGE_VMCOREINFO_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

/* What the text says; an address of 0 leaves its line out. */
struct vmcoreinfo_facts {
    const char *release;
    const char *build_id;
    int64_t phys_base;
    uint64_t kaslr_offset;
    bool five_levels;
    uint64_t stext, swapper_pg_dir, init_uts_ns;
    uint64_t kallsyms_names, kallsyms_num_syms, kallsyms_token_table, kallsyms_token_index;
    uint64_t kallsyms_offsets, kallsyms_relative_base;
};

/* Appends the note: header, name, text. */
void vmcoreinfo_write(struct buffer *buffer, const struct vmcoreinfo_facts *facts);

/* Appends a note whose description is `text`, true or not. */
void vmcoreinfo_write_text(struct buffer *buffer, const char *text);

#endif
