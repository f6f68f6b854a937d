/* System RAM by the guest's own resource tree: kernel/resource.c, /proc/iomem. */
#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "kernel/discover.h"

#define FOUR_GIB (1ULL << 32)

enum {
    RESOURCES_MAX = 4096,
    RESOURCE_NAME_SIZE = 16
};

static const char system_ram[] = "System RAM";

struct resource {
    uint64_t start, end; /* both inclusive */
    struct gva name, sibling;
};

static enum status read_resource(const struct kernel_layout *layout, struct budget *budget,
                                 struct gva at, struct resource *resource)
{
    const struct kernel_members *m = &layout->members;
    const struct address_space *space = &layout->space;
    struct resource copy;
    enum status status =
        paging_read_u64(space, budget, gva_add(at, m->resource_start), &copy.start);
    if (status == STATUS_OK)
        status = paging_read_u64(space, budget, gva_add(at, m->resource_end), &copy.end);
    if (status == STATUS_OK)
        status = paging_read_pointer(space, budget, gva_add(at, m->resource_name), &copy.name);
    if (status == STATUS_OK)
        status =
            paging_read_pointer(space, budget, gva_add(at, m->resource_sibling), &copy.sibling);
    if (status == STATUS_OK)
        *resource = copy;
    return status;
}

static void account(const struct resource *resource, struct kernel_ram *ram)
{
    uint64_t *end = resource->start < FOUR_GIB ? &ram->below_4g : &ram->above_4g;
    if (resource->end >= resource->start && resource->end < UINT64_MAX && resource->end + 1 > *end)
        *end = resource->end + 1;
}

/* Accounts for a resource when it is RAM; a name that cannot be read is not that of RAM. */
static enum status judge(const struct kernel_layout *layout, struct budget *budget,
                         const struct resource *resource, struct kernel_ram *ram)
{
    char name[RESOURCE_NAME_SIZE];
    enum status status =
        paging_read_text(&layout->space, budget, resource->name, name, sizeof name);
    if (status == STATUS_OK && text_is(name, text_length(name, sizeof name), system_ram))
        account(resource, ram);
    return status == STATUS_BUDGET ? status : STATUS_OK;
}

enum status kernel_system_ram(const struct kernel_layout *layout, struct budget *budget,
                              struct kernel_ram *ram)
{
    const struct kernel_members *m = &layout->members;
    struct kernel_ram found = {0};
    struct gva at;
    if (layout->symbols.iomem_resource.v == 0 || m->resource_start == KERNEL_ABSENT ||
        m->resource_end == KERNEL_ABSENT || m->resource_name == KERNEL_ABSENT ||
        m->resource_sibling == KERNEL_ABSENT || m->resource_child == KERNEL_ABSENT)
        return STATUS_UNSUPPORTED;
    enum status status = paging_read_pointer(
        &layout->space, budget, gva_add(layout->symbols.iomem_resource, m->resource_child), &at);
    for (unsigned i = 0; status == STATUS_OK && at.v != 0; i++) {
        struct resource resource;
        if (i == RESOURCES_MAX)
            return STATUS_BUDGET;
        status = read_resource(layout, budget, at, &resource);
        if (status != STATUS_OK)
            return status;
        status = judge(layout, budget, &resource, &found);
        at = resource.sibling;
    }
    if (status != STATUS_OK)
        return status;
    if (found.below_4g == 0)
        return STATUS_NOT_FOUND;
    *ram = found;
    return STATUS_OK;
}
