/*
 * The VMCOREINFO note: what the guest kernel says about itself for crash tools.
 *
 * Source: Linux Documentation/admin-guide/kdump/vmcoreinfo.rst; the note's header is an ELF note
 * with the name "VMCOREINFO", at the start of a page of its own (kernel/crash_core.c).
 */
#ifndef KERNEL_VMCOREINFO_H
#define KERNEL_VMCOREINFO_H

#include "base/status.h"
#include "kernel/layout.h"

enum {
    VMCOREINFO_PAGE = 4096
};

/* Addresses are 0 and numbers are 0 where the note does not have them. */
struct vmcoreinfo {
    char release[KERNEL_RELEASE_SIZE];
    int64_t phys_base;
    int64_t l5_enabled;
    int64_t sme_mask;
    uint64_t swapper_pg_dir, stext;
    uint64_t kallsyms_names, kallsyms_num_syms, kallsyms_token_table, kallsyms_token_index;
    uint64_t kallsyms_offsets, kallsyms_relative_base;
};

/* Whether a page begins with the header of a VMCOREINFO note; `head` is its first 32 bytes. */
enum {
    VMCOREINFO_HEAD = 32
};
bool vmcoreinfo_begins(const unsigned char head[VMCOREINFO_HEAD]);

/*
 * Parses the note at the start of `page`. STATUS_NOT_FOUND when a required entry is missing,
 * STATUS_MALFORMED when one does not parse.
 */
MUST_CHECK enum status vmcoreinfo_parse(const unsigned char page[VMCOREINFO_PAGE],
                                        struct vmcoreinfo *info, struct evidence *evidence);

#endif
