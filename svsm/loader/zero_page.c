#include "loader/zero_page.h"

#include "abi/fw_cfg.h"
#include "base/bytes.h"
#include "loader/boot_params.h"
#include "loader/low_memory.h"
#include "mem/memory.h"
#include "pci/pci.h"

#define BELOW_4G 0x100000000ULL

struct e820 {
    unsigned char *page;
    size_t count;
    bool full;
};

static void store(unsigned char *page, size_t at, uint64_t value, size_t size)
{
    bytes_copy(page + at, &value, size);
}

/* Nothing when `end` is not above `start`. */
static void add(struct e820 *map, uint64_t start, uint64_t end, uint32_t type)
{
    if (end <= start)
        return;
    if (map->count == BP_E820_MAX) {
        map->full = true;
        return;
    }
    struct fw_cfg_e820 entry = {start, end - start, type};
    bytes_copy(map->page + BP_E820_TABLE + map->count * sizeof entry, &entry, sizeof entry);
    map->count++;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* RAM and, between two pieces of it below 4 GiB, what svsm keeps. */
static void add_ram(struct e820 *map)
{
    const struct guestmem_range *ranges;
    size_t count = memory_l2_ranges(&ranges);
    uint64_t last_end = BELOW_4G;
    for (size_t i = 0; i < count; i++) {
        uint64_t start = ranges[i].start.v;
        uint64_t end = start + ranges[i].size;
        if (start < BELOW_4G)
            add(map, higher(last_end, LOW_END), start, BP_E820_RESERVED);
        add(map, start, lower(end, LOW_HOLE), BP_E820_RAM);
        add(map, higher(start, LOW_END), end, BP_E820_RAM);
        last_end = end;
    }
}

static void add_fixed(struct e820 *map)
{
    add(map, LOW_HOLE, LOW_ACPI, BP_E820_RESERVED);
    add(map, LOW_ACPI, LOW_ACPI + LOW_ACPI_SIZE, BP_E820_ACPI);
    add(map, LOW_ACPI + LOW_ACPI_SIZE, LOW_END, BP_E820_RESERVED);
    add(map, PCI_ECAM_BASE, PCI_ECAM_BASE + PCI_ECAM_SIZE, BP_E820_RESERVED);
}

/* The image's header, with what a loader fills in; nothing that the host wrote there stays. */
static void write_header(unsigned char *page, const unsigned char *setup,
                         const struct bzimage *image, const struct zero_page *facts)
{
    bytes_copy(page + BZIMAGE_HEADER, setup + BZIMAGE_HEADER, image->header_end - BZIMAGE_HEADER);
    store(page, BP_VID_MODE, BP_VID_NORMAL, 2);
    store(page, BP_TYPE_OF_LOADER, BP_LOADER_UNKNOWN, 1);
    store(page, BP_LOADFLAGS, setup[BP_LOADFLAGS] & ~BP_CAN_USE_HEAP, 1);
    store(page, BP_CODE32_START, facts->kernel.v, 4);
    store(page, BP_RAMDISK_IMAGE, facts->initrd.size == 0 ? 0 : facts->initrd.start.v, 4);
    store(page, BP_RAMDISK_SIZE, facts->initrd.size, 4);
    store(page, BP_CMD_LINE_PTR, facts->cmdline.v, 4);
    store(page, BP_SETUP_DATA, 0, 8);
    store(page, BP_ACPI_RSDP_ADDR, facts->rsdp.v, 8);
}

enum status zero_page_write(unsigned char *page, const unsigned char *setup,
                            const struct bzimage *image, const struct zero_page *facts,
                            struct evidence *evidence)
{
    struct e820 map = {.page = page};
    write_header(page, setup, image, facts);
    add_ram(&map);
    add_fixed(&map);
    if (map.full)
        return refuse(evidence, STATUS_FULL, "memory in too many pieces", BP_E820_MAX);
    store(page, BP_E820_ENTRIES, map.count, 1);
    return STATUS_OK;
}
