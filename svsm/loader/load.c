#include "loader/load.h"

#include "abi/fw_cfg.h"
#include "arch/fatal.h"
#include "base/bytes.h"
#include "loader/acpi.h"
#include "loader/boot_tables.h"
#include "loader/bzimage.h"
#include "loader/fw_cfg.h"
#include "loader/low_memory.h"
#include "loader/place.h"
#include "loader/zero_page.h"
#include "mem/memory.h"

struct load {
    unsigned char setup[BZIMAGE_SETUP]; /* of the kernel's real-mode part */
    struct bzimage image;
    struct guestmem_range kernel;
    struct guestmem_range initrd;
};

static uint64_t kib(uint64_t bytes)
{
    return (bytes + 1023) / 1024;
}

static uint32_t size_of(uint16_t key)
{
    struct evidence evidence;
    uint32_t size;
    if (fw_cfg_number(key, &size, &evidence) != STATUS_OK)
        fatal("%s", evidence.what);
    return size;
}

static void read_item(uint16_t key, void *to, size_t length)
{
    struct evidence evidence;
    struct fw_cfg_reader reader = fw_cfg_open(key);
    if (fw_cfg_read(&reader, to, length, &evidence) != STATUS_OK)
        fatal("%s", evidence.what);
}

static void *l2(uint64_t at, uint64_t length)
{
    void *bytes = memory_l2(gpa(at), length);
    if (bytes == NULL)
        fatal("no memory for the guest at 0x%lx", (unsigned long)at);
    return bytes;
}

static void parse_kernel(struct load *load)
{
    struct evidence evidence;
    uint32_t kernel_size = size_of(FW_CFG_KERNEL_SIZE);
    uint32_t setup_size = size_of(FW_CFG_SETUP_SIZE);
    if (kernel_size == 0 && setup_size == 0)
        fatal("no kernel given");
    if (setup_size > sizeof load->setup)
        setup_size = sizeof load->setup;
    read_item(FW_CFG_SETUP_DATA, load->setup, setup_size);
    if (bzimage_parse(load->setup, setup_size, kernel_size, &load->image, &evidence) != STATUS_OK)
        fatal("kernel: %s", evidence.what);
    load->kernel.size = kernel_size;
}

static void load_kernel(struct load *load)
{
    if (!place_kernel(&load->image, &load->kernel.start))
        fatal("too little memory: the kernel needs %lu KiB in one piece",
              (unsigned long)kib(load->image.room));
    read_item(FW_CFG_KERNEL_DATA, l2(load->kernel.start.v, load->image.room), load->kernel.size);
}

static void load_initrd(struct load *load)
{
    struct guestmem_range avoid = {load->kernel.start, load->image.room};
    uint64_t largest;
    load->initrd = (struct guestmem_range){gpa(0), size_of(FW_CFG_INITRD_SIZE)};
    if (load->initrd.size == 0)
        return;
    if (!place_high(load->initrd.size, load->image.initrd_last, avoid, &load->initrd.start,
                    &largest))
        fatal("initrd too large: it needs %lu KiB, there are %lu",
              (unsigned long)kib(load->initrd.size), (unsigned long)(largest / 1024));
    read_item(FW_CFG_INITRD_DATA, l2(load->initrd.start.v, load->initrd.size), load->initrd.size);
}

/* The size that QEMU tells includes a NUL; the text ends at the first. */
static void load_cmdline(const struct load *load)
{
    uint32_t size = size_of(FW_CFG_CMDLINE_SIZE);
    char *text = l2(LOW_CMDLINE, X86_PAGE_SIZE);
    if (size > X86_PAGE_SIZE - 1 || (size > 0 && size - 1 > load->image.cmdline_bytes))
        fatal("command line too long: %u bytes, the kernel takes %u", size,
              load->image.cmdline_bytes);
    read_item(FW_CFG_CMDLINE_DATA, text, size);
    text[size] = '\0';
}

static void write_low_memory(const struct load *load)
{
    struct evidence evidence;
    struct zero_page facts = {
        .kernel = load->kernel.start,
        .initrd = load->initrd,
        .cmdline = gpa(LOW_CMDLINE),
        .rsdp = gpa(LOW_ACPI),
    };
    boot_tables_write(l2(LOW_TABLES, LOW_TABLE_PAGES * (uint64_t)X86_PAGE_SIZE), gpa(LOW_TABLES));
    boot_gdt_write(l2(LOW_GDT, BOOT_GDT_ENTRIES * sizeof(uint64_t)));
    acpi_write(l2(LOW_ACPI, LOW_ACPI_SIZE), gpa(LOW_ACPI));
    if (zero_page_write(l2(LOW_ZERO_PAGE, X86_PAGE_SIZE), load->setup, &load->image, &facts,
                        &evidence) != STATUS_OK)
        fatal("%s", evidence.what);
}

void loader_load(struct loader_entry *entry)
{
    struct load load = {.kernel = {.size = 0}};
    bytes_zero(l2(LOW_START, LOW_SIZE), LOW_SIZE);
    parse_kernel(&load);
    load_kernel(&load);
    load_initrd(&load);
    load_cmdline(&load);
    write_low_memory(&load);
    *entry = (struct loader_entry){
        .rip = load.kernel.start.v + BZIMAGE_ENTRY_64,
        .rsi = LOW_ZERO_PAGE,
        .rsp = LOW_STACK_TOP,
        .cr3 = LOW_TABLES,
        .gdt_base = LOW_GDT,
        .gdt_limit = BOOT_GDT_ENTRIES * sizeof(uint64_t) - 1,
        .cs = BOOT_CS,
        .ds = BOOT_DS,
    };
}
