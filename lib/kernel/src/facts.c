#include "facts.h"

#include "base/bytes.h"

enum status facts_mapping(const struct kernel_layout *layout, struct budget *budget,
                          struct gva address)
{
    struct translation walked;
    struct gpa expected;
    enum status status = paging_walk(&layout->space, address, budget, &walked);
    if (status == STATUS_OK)
        status = paging_translate(&layout->space, address, budget, &expected);
    if (status == STATUS_OK && (walked.address.v != expected.v || walked.user))
        status = STATUS_MISMATCH;
    return status;
}

enum status facts_note(const struct kernel_layout *layout, struct budget *budget, struct gpa *page)
{
    struct gva at = layout->symbols.vmcoreinfo_note;
    if (at.v == 0)
        return STATUS_NOT_FOUND;
    enum status status = paging_read_pointer(&layout->space, budget, at, &at);
    if (status == STATUS_OK)
        status = facts_mapping(layout, budget, at);
    return status == STATUS_OK ? paging_translate(&layout->space, at, budget, page) : status;
}

enum status facts_release(const struct kernel_layout *layout, struct budget *budget)
{
    struct gva at = gva_add(layout->symbols.init_uts_ns, layout->members.uts_release);
    char release[KERNEL_RELEASE_SIZE];
    enum status status = paging_read_text(&layout->space, budget, at, release, sizeof release);
    if (status == STATUS_OK &&
        !text_is(release, text_length(release, sizeof release), layout->release))
        status = STATUS_MISMATCH;
    return status;
}

enum status facts_tcp(const struct kernel_layout *layout, struct budget *budget)
{
    const struct kernel_symbols *symbols = &layout->symbols;
    struct gva first = {0};
    struct gva table = {0};
    enum status status =
        paging_read_pointer(&layout->space, budget, symbols->net_namespace_list, &first);
    if (status == STATUS_OK)
        status =
            paging_read_pointer(&layout->space, budget,
                                gva_add(symbols->init_net, layout->members.net_hashinfo), &table);
    if (status == STATUS_OK &&
        (table.v != symbols->tcp_hashinfo.v || first.v == 0 || first.v % sizeof first != 0))
        status = STATUS_MISMATCH;
    return status;
}
