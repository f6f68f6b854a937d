/* The two searches through all of RAM: for VMCOREINFO notes, and for kallsyms_token_index. */
#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "kernel/discover.h"
#include "tokens.h"
#include "vmcoreinfo.h"

static void add_hit(struct kernel_hits *hits, struct gpa at)
{
    if (hits->count < KERNEL_HITS_MAX)
        hits->at[hits->count++] = at;
    else
        hits->missed++;
}

/* Looks at one page of RAM. Memory that cannot be read holds nothing to be found. */
typedef void look(const struct guestmem *memory, struct gpa page, struct kernel_hits *hits);

static void look_for_note(const struct guestmem *memory, struct gpa page, struct kernel_hits *hits)
{
    unsigned char head[VMCOREINFO_HEAD];
    if (guestmem_read(memory, page, head, sizeof head) == STATUS_OK && vmcoreinfo_begins(head))
        add_hit(hits, page);
}

static void look_for_tokens(const struct guestmem *memory, struct gpa page,
                            struct kernel_hits *hits)
{
    unsigned char bytes[X86_PAGE_SIZE];
    if (guestmem_read(memory, page, bytes, sizeof bytes) != STATUS_OK)
        return;
    for (size_t at = 0; at < sizeof bytes; at += TOKENS_ALIGNMENT)
        if (tokens_may_begin(load_le64(bytes + at)) &&
            tokens_index_plausible(memory, gpa_add(page, at)))
            add_hit(hits, gpa_add(page, at));
}

static enum status each_page(const struct guestmem *memory, struct budget *budget, look *visit,
                             struct kernel_hits *hits)
{
    for (size_t i = 0; i < memory->range_count; i++) {
        const struct guestmem_range *range = &memory->ranges[i];
        uint64_t skip = -range->start.v % X86_PAGE_SIZE;
        for (uint64_t at = skip; at + X86_PAGE_SIZE <= range->size; at += X86_PAGE_SIZE) {
            if (!budget_take(budget, 1))
                return STATUS_BUDGET;
            visit(memory, gpa_add(range->start, at), hits);
        }
    }
    return STATUS_OK;
}

enum status kernel_scan_notes(const struct guestmem *memory, struct budget *budget,
                              struct kernel_hits *hits)
{
    hits->count = 0;
    hits->missed = 0;
    return each_page(memory, budget, look_for_note, hits);
}

enum status kernel_scan_tokens(const struct guestmem *memory, struct budget *budget,
                               struct kernel_hits *hits)
{
    hits->count = 0;
    hits->missed = 0;
    return each_page(memory, budget, look_for_tokens, hits);
}
