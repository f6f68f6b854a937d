#include "loader/memory_map.h"

#include "abi/fw_cfg.h"
#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "base/checked.h"
#include "loader/fw_cfg.h"

enum {
    E820_RAM = 1
};

struct map {
    struct guestmem_range ranges[MEMORY_MAP_ENTRIES_MAX];
    size_t count;
};

/* The whole pages of an entry; false when it wraps or ends too high. */
static bool whole_pages(const struct fw_cfg_e820 *entry, struct guestmem_range *range)
{
    uint64_t end;
    if (!checked_add(entry->start, entry->size, &end) || end > MEMORY_MAP_END)
        return false;
    uint64_t first = (entry->start + X86_PAGE_SIZE - 1) & ~(X86_PAGE_SIZE - 1ULL);
    uint64_t last = end & ~(X86_PAGE_SIZE - 1ULL);
    *range = (struct guestmem_range){gpa(first), last > first ? last - first : 0};
    return true;
}

/* Keeps the ranges in ascending order. */
static void insert(struct map *map, struct guestmem_range range)
{
    size_t i = map->count++;
    for (; i > 0 && map->ranges[i - 1].start.v > range.start.v; i--)
        map->ranges[i] = map->ranges[i - 1];
    map->ranges[i] = range;
}

static enum status read_entries(struct map *map, struct evidence *evidence)
{
    uint16_t key;
    uint32_t size;
    enum status status = fw_cfg_find(FW_CFG_FILE_E820, &key, &size, evidence);
    if (status != STATUS_OK)
        return status;
    if (size % sizeof(struct fw_cfg_e820) != 0 ||
        size / sizeof(struct fw_cfg_e820) > MEMORY_MAP_ENTRIES_MAX)
        return refuse(evidence, STATUS_MALFORMED, "etc/e820 has an odd size", size);
    struct fw_cfg_reader reader = fw_cfg_open(key);
    for (uint32_t i = 0; i < size / sizeof(struct fw_cfg_e820); i++) {
        struct fw_cfg_e820 entry;
        struct guestmem_range range;
        status = fw_cfg_read(&reader, &entry, sizeof entry, evidence);
        if (status != STATUS_OK)
            return status;
        if (entry.type != E820_RAM)
            continue;
        if (!whole_pages(&entry, &range))
            return refuse(evidence, STATUS_MALFORMED, "RAM too high in etc/e820", entry.start);
        if (range.size != 0)
            insert(map, range);
    }
    return STATUS_OK;
}

static enum status check(const struct map *map, struct evidence *evidence)
{
    uint64_t total = 0;
    for (size_t i = 0; i < map->count; i++) {
        const struct guestmem_range *range = &map->ranges[i];
        if (i > 0 && map->ranges[i - 1].start.v + map->ranges[i - 1].size > range->start.v)
            return refuse(evidence, STATUS_MALFORMED, "RAM overlaps in etc/e820", range->start.v);
        total += range->size;
    }
    if (total < MEMORY_MAP_TOTAL_MIN)
        return refuse(evidence, STATUS_MALFORMED, "too little memory: it takes 64 MiB", total);
    return STATUS_OK;
}

enum status loader_memory_map(struct guestmem_range *ranges, size_t room, size_t *count,
                              struct evidence *evidence)
{
    struct map map = {.count = 0};
    enum status status = fw_cfg_probe(evidence);
    if (status == STATUS_OK)
        status = read_entries(&map, evidence);
    if (status == STATUS_OK)
        status = check(&map, evidence);
    if (status != STATUS_OK)
        return status;
    if (map.count > room)
        return refuse(evidence, STATUS_FULL, "too many ranges in etc/e820", map.count);
    for (size_t i = 0; i < map.count; i++)
        ranges[i] = map.ranges[i];
    *count = map.count;
    return STATUS_OK;
}
