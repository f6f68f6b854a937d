/*
 * Discovery from CR3 and LSTAR: everything is read from the image as the anchor maps it, and every
 * symbol must lie in it.
 */
#include "attempt.h"
#include "hunt.h"

/* Whether the anchor's own tables map `address` into the image, for the kernel only. */
static enum status check_symbol(struct attempt *attempt, struct gva address)
{
    struct address_space space = extent_space(attempt->layout.space.memory, &attempt->anchor);
    struct translation walked;
    enum status status = paging_walk(&space, address, &attempt->budget, &walked);
    if (status == STATUS_OK &&
        (walked.user || walked.address.v != address.v + attempt->workspace->extent.offset))
        status = STATUS_MISMATCH;
    if (status != STATUS_OK)
        return refuse(&attempt->evidence, status, "a symbol outside the image that CR3 maps",
                      address.v);
    return STATUS_OK;
}

/* Symbols that are read from; 0: the kernel does not have it. */
static enum status check_symbols(struct attempt *attempt)
{
    const struct kernel_symbols *s = &attempt->layout.symbols;
    const struct gva used[] = {s->text,           s->stext,          s->init_top_pgt,
                               s->init_uts_ns,    s->linux_banner,   s->page_offset_base,
                               s->iomem_resource, s->init_net,       s->net_namespace_list,
                               s->tcp_hashinfo,   s->ehashfn,        s->ehashfn6,
                               s->init_task,      s->per_cpu_offset, s->cpu_possible_mask,
                               s->raw_proto,      s->raw6_proto};
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof used / sizeof *used && status == STATUS_OK; i++)
        if (used[i].v != 0)
            status = check_symbol(attempt, used[i]);
    return status;
}

/* The entry that the processor uses is the one that the symbols name; BTF is read-only. */
static enum status check_image(struct attempt *attempt)
{
    const struct kernel_symbols *symbols = &attempt->layout.symbols;
    const struct extent *extent = &attempt->workspace->extent;
    struct gpa btf = gpa(symbols->btf_start.v + extent->offset);
    if (symbols->entry_syscall.v != attempt->anchor.lstar.v)
        return refuse(&attempt->evidence, STATUS_MISMATCH, "entry_SYSCALL_64 against LSTAR",
                      symbols->entry_syscall.v);
    if (!extent_holds(extent, btf, symbols->btf_stop.v - symbols->btf_start.v))
        return refuse(&attempt->evidence, STATUS_MISMATCH, "BTF outside read-only data",
                      symbols->btf_start.v);
    return check_symbols(attempt);
}

/* The kernel's own tables take over from the anchor's, whose process may end. */
static enum status open_kernel_tables(struct attempt *attempt)
{
    struct address_space *space = &attempt->layout.space;
    uint64_t offset = attempt->workspace->extent.offset;
    space->root = gpa(attempt->layout.symbols.init_top_pgt.v + offset);
    space->levels = attempt->anchor.levels;
    space->windows[0] = (struct paging_window){
        .base = gva(IMAGE_MAP_BASE), .size = IMAGE_MAP_SIZE, .first = gpa(IMAGE_MAP_BASE + offset)};
    return attempt_check_mapping(attempt, attempt->anchor.lstar);
}

enum status attempt_anchored(struct attempt *attempt, struct gpa token_index)
{
    struct guestmem image = extent_memory(&attempt->workspace->extent);
    enum status status = attempt_symbols(attempt, &image, token_index);
    if (status == STATUS_OK)
        status = check_image(attempt);
    if (status == STATUS_OK)
        status = open_kernel_tables(attempt);
    if (status == STATUS_OK)
        status = attempt_release(attempt);
    return status == STATUS_OK ? attempt_close(attempt) : status;
}

enum status kernel_discover_anchored(const struct guestmem *memory,
                                     const struct kernel_anchor *anchor, uint64_t attempt_units,
                                     struct kernel_workspace *workspace,
                                     struct kernel_layout *layout, struct kernel_report *report)
{
    struct budget budget = budget_of(attempt_units);
    struct kernel_hits *tokens = &workspace->tokens;
    *report = (struct kernel_report){0};
    enum status status =
        extent_find(&workspace->extent, memory, anchor, &budget, &report->evidence);
    if (status != STATUS_OK)
        return status == STATUS_BUDGET ? status : STATUS_NOT_FOUND;
    struct guestmem image = extent_memory(&workspace->extent);
    status = kernel_scan_tokens(&image, &budget, tokens);
    if (status == STATUS_OK && tokens->count == 0)
        status = STATUS_NOT_FOUND;
    if (status != STATUS_OK)
        return refuse(&report->evidence, status, "kallsyms in the kernel image", anchor->lstar.v);
    struct kernel_layout first = {0};
    struct hunt hunt = {.memory = memory,
                        .anchor = anchor,
                        .attempt_units = budget.left / (tokens->count == 0 ? 1 : tokens->count),
                        .workspace = workspace,
                        .first = &first,
                        .report = report};
    uint64_t missed = hunt_follow(&hunt, tokens, attempt_anchored);
    return hunt_verdict(&hunt, missed, layout);
}
