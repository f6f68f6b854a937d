#include "raw_map.h"

size_t raw_map_candidates(uint64_t size, uint64_t below_4g[RAW_MAPS_MAX])
{
    /*
     * QEMU: q35 puts 2 GiB below the hole (hw/i386/pc_q35.c), pc 3 GiB (hw/i386/pc_piix.c); less
     * RAM than 2.75 or 3.5 GiB has no hole. The others are those of other hypervisors.
     */
    static const uint64_t known[] = {0x80000000, 0xb0000000, 0xc0000000,
                                     0xd0000000, 0xe0000000, 0xf0000000};
    size_t count = 0;

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] < size)
            below_4g[count++] = known[i];
    if (size <= RAW_MAP_4G)
        below_4g[count++] = RAW_MAP_4G;
    return count;
}

uint64_t raw_map_low_part(uint64_t size, uint64_t below_4g)
{
    return size < below_4g ? size : below_4g;
}

struct gpa raw_map_address(uint64_t offset, uint64_t below_4g)
{
    return gpa(offset < below_4g ? offset : offset - below_4g + RAW_MAP_4G);
}

uint64_t raw_map_offset(struct gpa address, uint64_t below_4g)
{
    return address.v < RAW_MAP_4G ? address.v : address.v - RAW_MAP_4G + below_4g;
}

void raw_map_hits(const struct kernel_hits *by_offset, uint64_t below_4g, struct kernel_hits *hits)
{
    *hits = *by_offset;
    for (size_t i = 0; i < hits->count; i++)
        hits->at[i] = raw_map_address(by_offset->at[i].v, below_4g);
}

bool raw_map_fits(const struct kernel_ram *ram, uint64_t size, uint64_t below_4g)
{
    uint64_t low = raw_map_low_part(size, below_4g);

    if (ram->below_4g > low)
        return false;
    return ram->above_4g == 0 || ram->above_4g <= RAW_MAP_4G + (size - low);
}

uint64_t raw_map_implied(const struct kernel_ram *ram, uint64_t size)
{
    if (ram->above_4g <= RAW_MAP_4G)
        return 0;

    uint64_t high = ram->above_4g - RAW_MAP_4G;
    if (high >= size || size - high > RAW_MAP_4G || (size - high) % 4096 != 0)
        return 0;
    return size - high;
}

uint64_t raw_map_total(const struct kernel_ram *ram)
{
    return ram->below_4g + (ram->above_4g > RAW_MAP_4G ? ram->above_4g - RAW_MAP_4G : 0);
}
