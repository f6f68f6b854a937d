#include "kernel/pulse.h"

#include "facts.h"

static enum status same_note(const struct kernel_layout *layout, struct budget *budget)
{
    struct gpa page;
    if (layout->note.v == 0)
        return STATUS_OK;
    enum status status = facts_note(layout, budget, &page);
    if (status == STATUS_OK && page.v != layout->note.v)
        status = STATUS_MISMATCH;
    return status;
}

static enum status image_mapped(const struct kernel_layout *layout, struct budget *budget)
{
    return facts_mapping(layout, budget, layout->symbols.init_net);
}

static enum status read_ticks(const struct kernel_layout *layout, struct budget *budget,
                              struct kernel_pulse *pulse)
{
    struct kernel_pulse found = {.has_ticks = layout->symbols.jiffies.v != 0};
    enum status status = STATUS_OK;
    if (found.has_ticks)
        status = paging_read_u64(&layout->space, budget, layout->symbols.jiffies, &found.ticks);
    if (status == STATUS_OK)
        *pulse = found;
    return status;
}

enum status kernel_feel(const struct kernel_layout *layout, struct budget *budget,
                        struct kernel_pulse *pulse, struct evidence *evidence)
{
    static const struct {
        enum status (*check)(const struct kernel_layout *layout, struct budget *budget);
        const char *what;
    } facts[] = {{image_mapped, "page tables"},
                 {facts_release, "release in init_uts_ns"},
                 {same_note, "vmcoreinfo_note"},
                 {facts_tcp, "TCP table of the initial namespace"}};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        enum status status = facts[i].check(layout, budget);
        if (status != STATUS_OK)
            return refuse(evidence, status, facts[i].what, layout->image.v);
    }
    enum status status = read_ticks(layout, budget, pulse);
    return status == STATUS_OK ? status
                               : refuse(evidence, status, "jiffies_64", layout->symbols.jiffies.v);
}
