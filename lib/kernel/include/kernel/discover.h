/*
 * Discovery: from guest RAM alone to a kernel_layout, for any Linux with BTF and kallsyms.
 *
 * Two steps, so that a caller who tries several memory maps scans the bytes once:
 * kernel_scan finds pages that look like a VMCOREINFO note, or tables that look like kallsyms;
 * kernel_discover follows every hit through page tables, kallsyms and BTF, and closes the loop
 * (the tables must reproduce facts that were not used to find them). One that passes is the
 * kernel, none is STATUS_NOT_FOUND, two are STATUS_AMBIGUOUS: it refuses rather than guesses.
 */
#ifndef KERNEL_DISCOVER_H
#define KERNEL_DISCOVER_H

#include "kernel/layout.h"

enum {
    KERNEL_HITS_MAX = 1024,
    KERNEL_CANDIDATES_MAX = 4 /* passing candidates that are listed when there are several */
};

/* Places worth trying; `missed` counts those for which there was no room: then nothing passes. */
struct kernel_hits {
    struct gpa at[KERNEL_HITS_MAX];
    size_t count;
    uint64_t missed;
};

/* Pages that begin with a VMCOREINFO note (kernel/crash_core.c). One unit a page. */
MUST_CHECK enum status kernel_scan_notes(const struct guestmem *memory, struct budget *budget,
                                         struct kernel_hits *hits);

/* Places that look like kallsyms_token_index: the way in when there is no note. Reads all RAM. */
MUST_CHECK enum status kernel_scan_tokens(const struct guestmem *memory, struct budget *budget,
                                          struct kernel_hits *hits);

/* A kernel that passed every check. */
struct kernel_candidate {
    struct gpa at; /* hit that led to it */
    struct gpa image;
    char release[KERNEL_RELEASE_SIZE];
};

struct kernel_report {
    struct kernel_candidate candidates[KERNEL_CANDIDATES_MAX];
    size_t candidate_count;   /* may exceed KERNEL_CANDIDATES_MAX; the array does not */
    size_t tried;             /* hits followed */
    struct evidence evidence; /* of the hit that got furthest before it was refused */
    unsigned furthest;        /* stage it reached */
};

/* Working room of discovery, from the caller; contents need not be initialised. */
struct kernel_workspace;
size_t kernel_workspace_size(void);

/*
 * Follows the hits: those of notes first, and those of tokens only when no note passes.
 * Each attempt may use the whole of `attempt_units`. `report` is always written. On STATUS_OK
 * `layout` refers to `memory`, which must outlive it.
 */
MUST_CHECK enum status kernel_discover(const struct guestmem *memory,
                                       const struct kernel_hits *notes,
                                       const struct kernel_hits *tokens, uint64_t attempt_units,
                                       struct kernel_workspace *workspace,
                                       struct kernel_layout *layout, struct kernel_report *report);

/* Registers of a virtual CPU that runs the kernel: what no byte of memory can forge. */
struct kernel_anchor {
    struct gpa cr3;   /* taken at CPL 0; bits outside 51:12 do not count */
    struct gva lstar; /* MSR IA32_LSTAR */
    unsigned levels;  /* of paging: 5 with CR4.LA57, else 4 */
};

/*
 * Discovery from registers: the kernel is the one that serves system calls. Its tables are looked
 * for only in the read-only data of the image mapping in which LSTAR lies, as CR3 maps it, and
 * every symbol must lie in that mapping; notes and other kernels in memory mean nothing. The layout
 * walks the kernel's own page tables, not CR3's, and has no note.
 *
 * `attempt_units` bounds all of it. STATUS_NOT_FOUND also when it is too early (before user space
 * runs, kernel text is writable) and when CR3 is one that maps no more than the entry code (page
 * table isolation): try again later. `report` is always written; `layout` as kernel_discover.
 */
MUST_CHECK enum status
kernel_discover_anchored(const struct guestmem *memory, const struct kernel_anchor *anchor,
                         uint64_t attempt_units, struct kernel_workspace *workspace,
                         struct kernel_layout *layout, struct kernel_report *report);

/* Highest System RAM addresses by the guest's own resource tree (kernel/resource.c). */
struct kernel_ram {
    uint64_t below_4g; /* end of the highest range that starts below 4 GiB */
    uint64_t above_4g; /* end of the highest range that starts at or above, 0: none */
};

MUST_CHECK enum status kernel_system_ram(const struct kernel_layout *layout, struct budget *budget,
                                         struct kernel_ram *ram);

#endif
