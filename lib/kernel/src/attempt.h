/*
 * One attempt to follow one hit to a kernel: the state, the stages in their order, and the two
 * ways in. What both ways share, from the page tables on, is attempt_close.
 */
#ifndef KERNEL_ATTEMPT_H
#define KERNEL_ATTEMPT_H

#include "btf.h"
#include "extent.h"
#include "kallsyms.h"
#include "kernel/discover.h"
#include "vmcoreinfo.h"

/* Linux Documentation/arch/x86/x86_64/mm.rst: "kernel text mapping, mapped to physical address 0".
 */
#define IMAGE_MAP_BASE 0xffffffff80000000ULL
#define IMAGE_MAP_SIZE (1ULL << 30)

enum attempt_stage {
    STAGE_HIT,     /* the note or the tables parse */
    STAGE_TEXT,    /* the page tables map _stext where phys_base says, for the kernel only */
    STAGE_SYMBOLS, /* kallsyms decodes and reproduces the note's addresses */
    STAGE_DIRECT,  /* the direct map leads back to the hit and to the image */
    STAGE_MEMBERS, /* BTF has the structures */
    STAGE_RELEASE, /* the running kernel's release is the one promised */
    STAGE_TCP,     /* the initial namespace uses the table that the symbol names */
    STAGE_PASSED
};

struct kernel_workspace {
    struct kallsyms kallsyms;
    struct btf btf;
    unsigned char page[VMCOREINFO_PAGE];
    /* What the last note that was followed said, and the note that its kernel points at. */
    struct vmcoreinfo known;
    struct gpa known_note;
    /* Of an anchored discovery: the image as CR3 maps it, and what was found in it. */
    struct extent extent;
    struct kernel_hits tokens;
};

struct attempt {
    struct kernel_workspace *workspace;
    struct budget budget;
    struct kernel_layout layout; /* the result once the stage is STAGE_PASSED */
    enum attempt_stage stage;
    struct evidence evidence;
    struct kernel_anchor anchor; /* of an anchored discovery */
};

/* From a VMCOREINFO page. */
MUST_CHECK enum status attempt_note(struct attempt *attempt, struct gpa note);

/* From a token index; there is no note to agree with. */
MUST_CHECK enum status attempt_tokens(struct attempt *attempt, struct gpa token_index);

/* anchored.c. From a token index inside the workspace's extent, checked against the anchor. */
MUST_CHECK enum status attempt_anchored(struct attempt *attempt, struct gpa token_index);

/* Symbols by way of a token index, all of it read from `memory`. */
MUST_CHECK enum status attempt_symbols(struct attempt *attempt, const struct guestmem *memory,
                                       struct gpa token_index);

/* The release that linux_banner names, by the image window; it is compared in attempt_close. */
MUST_CHECK enum status attempt_release(struct attempt *attempt);

/*
 * close.c. Whether the kernel's page tables map `address`, for the kernel only, to where the window
 * does.
 */
MUST_CHECK enum status attempt_check_mapping(struct attempt *attempt, struct gva address);

/* From symbols and page tables to STAGE_PASSED: direct map, BTF, release, TCP. */
MUST_CHECK enum status attempt_close(struct attempt *attempt);

#endif
