/*
 * Closing the loop: every fact that led to the symbols must come back by another way.
 */
#include "attempt.h"
#include "facts.h"
#include "members.h"

/* Where the direct map starts when the kernel does not randomise it (mm.rst, as in attempt.c). */
#define DIRECT_MAP_4_LEVELS 0xffff888000000000ULL
#define DIRECT_MAP_5_LEVELS 0xff11000000000000ULL

enum status attempt_check_mapping(struct attempt *attempt, struct gva address)
{
    enum status status = facts_mapping(&attempt->layout, &attempt->budget, address);
    if (status != STATUS_OK)
        return refuse(&attempt->evidence, status, "page tables do not map the kernel image",
                      address.v);
    return STATUS_OK;
}

/* Narrows the image window to the image itself: what lies beyond it is mapped by other tables. */
static enum status narrow_image(struct attempt *attempt)
{
    struct kernel_layout *layout = &attempt->layout;
    struct paging_window *window = &layout->space.windows[0];
    uint64_t skipped = layout->symbols.text.v - window->base.v;
    uint64_t size = layout->symbols.end.v - layout->symbols.text.v;
    if (skipped >= window->size || size > window->size - skipped)
        return refuse(&attempt->evidence, STATUS_MISMATCH, "_text and _end",
                      layout->symbols.text.v);
    *window = (struct paging_window){
        .base = layout->symbols.text, .size = size, .first = gpa_add(window->first, skipped)};
    layout->image = window->first;
    return attempt_check_mapping(attempt, layout->symbols.init_net);
}

static enum status open_direct_map(struct attempt *attempt)
{
    struct kernel_layout *layout = &attempt->layout;
    struct gva base = gva(layout->space.levels == 5 ? DIRECT_MAP_5_LEVELS : DIRECT_MAP_4_LEVELS);
    if (layout->symbols.page_offset_base.v != 0) {
        enum status status = paging_read_pointer(&layout->space, &attempt->budget,
                                                 layout->symbols.page_offset_base, &base);
        if (status != STATUS_OK)
            return refuse(&attempt->evidence, status, "page_offset_base",
                          layout->symbols.page_offset_base.v);
    }
    layout->space.windows[1] =
        (struct paging_window){.base = base, .size = layout->space.memory->end, .first = gpa(0)};
    return attempt_check_mapping(attempt, gva_add(base, layout->image.v));
}

/* vmcoreinfo_note must point, through the direct map, at the very page that was found. */
static enum status check_note(struct attempt *attempt)
{
    const struct kernel_layout *layout = &attempt->layout;
    struct gpa page;
    if (layout->note.v == 0)
        return STATUS_OK;
    enum status status = facts_note(layout, &attempt->budget, &page);
    if (status == STATUS_OK) {
        attempt->workspace->known_note = page;
        status = page.v == layout->note.v ? STATUS_OK : STATUS_MISMATCH;
    }
    if (status != STATUS_OK)
        return refuse(&attempt->evidence, status, "vmcoreinfo_note points elsewhere",
                      layout->note.v);
    return STATUS_OK;
}

static enum status find_members(struct attempt *attempt)
{
    struct kernel_layout *layout = &attempt->layout;
    struct btf *btf = &attempt->workspace->btf;
    uint64_t size = layout->symbols.btf_stop.v - layout->symbols.btf_start.v;
    enum status status = btf_open(btf, &layout->space, &attempt->budget, layout->symbols.btf_start,
                                  size, &attempt->evidence);
    if (status == STATUS_OK)
        status = members_find(btf, &layout->members, layout->counters, &attempt->evidence);
    if (status == STATUS_OK && layout->members.common_size > KERNEL_COMMON_MAX)
        status = refuse(&attempt->evidence, STATUS_UNSUPPORTED, "size of struct sock_common",
                        layout->members.common_size);
    return status;
}

static enum status check_release(struct attempt *attempt)
{
    const struct kernel_layout *layout = &attempt->layout;
    enum status status = facts_release(layout, &attempt->budget);
    if (status != STATUS_OK)
        return refuse(&attempt->evidence, status, "release in init_uts_ns",
                      gva_add(layout->symbols.init_uts_ns, layout->members.uts_release).v);
    return STATUS_OK;
}

static enum status check_tcp(struct attempt *attempt)
{
    enum status status = facts_tcp(&attempt->layout, &attempt->budget);
    if (status != STATUS_OK)
        return refuse(&attempt->evidence, status, "TCP table of the initial namespace",
                      attempt->layout.symbols.init_net.v);
    return STATUS_OK;
}

enum status attempt_close(struct attempt *attempt)
{
    static const struct {
        enum attempt_stage stage;
        enum status (*check)(struct attempt *attempt);
    } checks[] = {
        {STAGE_TEXT, narrow_image},    {STAGE_DIRECT, open_direct_map}, {STAGE_DIRECT, check_note},
        {STAGE_MEMBERS, find_members}, {STAGE_RELEASE, check_release},  {STAGE_TCP, check_tcp},
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        attempt->stage = checks[i].stage;
        enum status status = checks[i].check(attempt);
        if (status != STATUS_OK)
            return status;
    }
    attempt->stage = STAGE_PASSED;
    return STATUS_OK;
}
