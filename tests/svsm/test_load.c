/* The loader: what lands where in L2's memory, and what is refused with which words. */
#include "abi/fw_cfg.h"
#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "kernel_image.h"
#include "loader/boot_params.h"
#include "loader/bzimage.h"
#include "loader/load.h"
#include "loader/low_memory.h"
#include "mem/memory.h"
#include "pci/pci.h"
#include "suite.h"

#define MIB  (1ULL << 20)
#define FILL 0x5a

static struct kernel_image image;
static unsigned char initrd[70000];
static char cmdline[4096];
static struct loader_entry entry;

static void setup_host(void)
{
    fake_host_reset();
    kernel_image_make(&image);
    for (size_t i = 0; i < sizeof initrd; i++)
        initrd[i] = (unsigned char)(i * 13 + i / 241);
    strcpy(cmdline, "console=hvc0 quiet");
    image.initrd_size = sizeof initrd;
    image.cmdline_size = (uint32_t)strlen(cmdline) + 1;
    fake_item(FW_CFG_SETUP_SIZE, &image.setup_size, 4);
    fake_item(FW_CFG_SETUP_DATA, image.setup, sizeof image.setup);
    fake_item(FW_CFG_KERNEL_SIZE, &image.kernel_size, 4);
    fake_item(FW_CFG_KERNEL_DATA, image.kernel, sizeof image.kernel);
    fake_item(FW_CFG_INITRD_SIZE, &image.initrd_size, 4);
    fake_item(FW_CFG_INITRD_DATA, initrd, sizeof initrd);
    fake_item(FW_CFG_CMDLINE_SIZE, &image.cmdline_size, 4);
    fake_item(FW_CFG_CMDLINE_DATA, cmdline, sizeof cmdline);
}

/* A guest of 64 MiB, of which svsm keeps 8 to 12, and 32 MiB above 4 GiB. */
static void add_ram(void)
{
    fake_l2_ram(0, 8 * MIB);
    fake_l2_ram(12 * MIB, 52 * MIB);
    fake_l2_ram(4096 * MIB, 32 * MIB);
    for (size_t i = 0; i < fake_host.range_count; i++)
        memset(fake_host.backing[i], FILL, fake_host.ranges[i].size);
}

static void setup(void)
{
    setup_host();
    add_ram();
    memset(&entry, 0xa5, sizeof entry);
}

static const unsigned char *l2(uint64_t at, uint64_t length)
{
    const unsigned char *bytes = memory_l2(gpa(at), length);
    ck_assert_ptr_nonnull(bytes);
    return bytes;
}

static void load(void)
{
    bool gave_up = FAKE_GIVES_UP(loader_load(&entry));
    ck_assert_msg(!gave_up, "gave up: %s", fake_host.fatal);
}

static void ck_gives_up(const char *text)
{
    ck_assert(FAKE_GIVES_UP(loader_load(&entry)));
    ck_assert_msg(strstr(fake_host.fatal, text) != NULL, "said: %s", fake_host.fatal);
}

static const unsigned char *zero_page(void)
{
    return l2(LOW_ZERO_PAGE, X86_PAGE_SIZE);
}

START_TEST(kernel_at_its_preferred_address)
{
    load();
    ck_assert_uint_eq(entry.rip, 0x1000200);
    ck_assert_uint_eq(entry.rsi, LOW_ZERO_PAGE);
    ck_assert_mem_eq(l2(0x1000000, KERNEL_SIZE), image.kernel, KERNEL_SIZE);
    ck_assert_uint_eq(*l2(0x1000000 + KERNEL_SIZE, 1), FILL);
    ck_assert_uint_eq(load_le32(zero_page() + BP_CODE32_START), 0x1000000);
}
END_TEST

START_TEST(initrd_as_high_as_there_is_ram)
{
    load();
    uint64_t at = load_le32(zero_page() + BP_RAMDISK_IMAGE);
    ck_assert_uint_eq(at, (64 * MIB - sizeof initrd) & ~0xfffULL);
    ck_assert_uint_eq(load_le32(zero_page() + BP_RAMDISK_SIZE), sizeof initrd);
    ck_assert_mem_eq(l2(at, sizeof initrd), initrd, sizeof initrd);
    ck_assert_uint_eq(*l2(at - 1, 1), FILL);
}
END_TEST

START_TEST(initrd_below_what_the_kernel_allows)
{
    kernel_image_put(&image, BP_INITRD_ADDR_MAX, 0x1ffffff, 4);
    load();
    ck_assert_uint_eq(load_le32(zero_page() + BP_RAMDISK_IMAGE),
                      (0x2000000 - sizeof initrd) & ~0xfffULL);
}
END_TEST

START_TEST(initrd_below_a_kernel_in_the_way)
{
    kernel_image_put(&image, BP_INIT_SIZE, 48 * MIB, 4);
    load();
    ck_assert_uint_eq(load_le32(zero_page() + BP_RAMDISK_IMAGE),
                      (16 * MIB - sizeof initrd) & ~0xfffULL);
    ck_assert_mem_eq(l2(0x1000000, KERNEL_SIZE), image.kernel, KERNEL_SIZE);
}
END_TEST

START_TEST(no_initrd_is_fine)
{
    image.initrd_size = 0;
    load();
    ck_assert_uint_eq(load_le32(zero_page() + BP_RAMDISK_IMAGE), 0);
    ck_assert_uint_eq(load_le32(zero_page() + BP_RAMDISK_SIZE), 0);
}
END_TEST

START_TEST(relocatable_kernel_goes_to_the_first_aligned_fit)
{
    kernel_image_put(&image, BP_PREF_ADDRESS, 0x3fff000, 8);
    kernel_image_put(&image, BP_KERNEL_ALIGNMENT, 0x400000, 4);
    load();
    ck_assert_uint_eq(entry.rip, 0x1000200);
    kernel_image_put(&image, BP_KERNEL_ALIGNMENT, 0x2000000, 4);
    load();
    ck_assert_uint_eq(entry.rip, 0x2000200);
    ck_assert_mem_eq(l2(0x2000000, KERNEL_SIZE), image.kernel, KERNEL_SIZE);
}
END_TEST

START_TEST(zero_page_holds_the_header_and_nothing_of_the_host)
{
    load();
    const unsigned char *page = zero_page();
    ck_assert_uint_eq(load_le32(page + BP_HEADER_MAGIC), BP_MAGIC_VALUE);
    ck_assert_uint_eq(page[BP_TYPE_OF_LOADER], 0xff);
    ck_assert_uint_eq(page[BP_LOADFLAGS], BP_LOADED_HIGH);
    ck_assert_uint_eq(load_le64(page + BP_SETUP_DATA), 0);
    ck_assert_uint_eq(load_le64(page + BP_ACPI_RSDP_ADDR), LOW_ACPI);
    ck_assert_uint_eq(load_le64(page + BP_PREF_ADDRESS), 0x1000000);
    ck_assert_uint_eq(page[0x1ef], 0); /* the sentinel */
    ck_assert_uint_eq(page[0x202 + 0x6a], 0);
    ck_assert_uint_eq(load_le32(page + 0x0c0), 0); /* ext_ramdisk_image */
}
END_TEST

START_TEST(a_header_that_tells_to_be_longer_ends_where_its_room_does)
{
    kernel_image_put(&image, BP_JUMP_LENGTH, 0xff, 1);
    load();
    ck_assert_uint_eq(zero_page()[BZIMAGE_HEADER_END - 1], 0xc3);
    ck_assert_uint_eq(zero_page()[BZIMAGE_HEADER_END], 0);
}
END_TEST

START_TEST(command_line)
{
    load();
    uint32_t at = load_le32(zero_page() + BP_CMD_LINE_PTR);
    ck_assert_str_eq((const char *)l2(at, X86_PAGE_SIZE), "console=hvc0 quiet");
}
END_TEST

START_TEST(longest_command_line)
{
    memset(cmdline, 'x', 2047);
    cmdline[2047] = '\0';
    image.cmdline_size = 2048;
    load();
    ck_assert_uint_eq(strlen((const char *)l2(LOW_CMDLINE, X86_PAGE_SIZE)), 2047);
    image.cmdline_size = 2049;
    ck_gives_up("command line too long: 2049 bytes, the kernel takes 2047");
    kernel_image_put(&image, BP_CMDLINE_SIZE, UINT32_MAX, 4);
    image.cmdline_size = 4096;
    ck_gives_up("command line too long");
}
END_TEST

START_TEST(without_a_command_line)
{
    image.cmdline_size = 0;
    load();
    ck_assert_str_eq((const char *)l2(LOW_CMDLINE, X86_PAGE_SIZE), "");
}
END_TEST

static uint32_t type_at(uint64_t at)
{
    const unsigned char *page = zero_page();
    uint32_t type = 0;
    for (unsigned i = 0; i < page[BP_E820_ENTRIES]; i++) {
        struct fw_cfg_e820 found;
        memcpy(&found, page + BP_E820_TABLE + i * sizeof found, sizeof found);
        if (at - found.start >= found.size)
            continue;
        ck_assert_msg(type == 0, "two entries for one address");
        type = found.type;
    }
    return type;
}

static const struct {
    uint64_t at;
    uint32_t type;
} map[] = {
    {0, BP_E820_RAM},
    {0x9ffff, BP_E820_RAM},
    {0xa0000, BP_E820_RESERVED},
    {0xdffff, BP_E820_RESERVED},
    {0xe0000, BP_E820_ACPI},
    {LOW_ACPI + LOW_ACPI_SIZE - 1, BP_E820_ACPI},
    {LOW_ACPI + LOW_ACPI_SIZE, BP_E820_RESERVED},
    {0xfffff, BP_E820_RESERVED},
    {0x100000, BP_E820_RAM},
    {8 * MIB - 1, BP_E820_RAM},
    {8 * MIB, BP_E820_RESERVED},
    {12 * MIB - 1, BP_E820_RESERVED},
    {12 * MIB, BP_E820_RAM},
    {64 * MIB - 1, BP_E820_RAM},
    {64 * MIB, 0},
    {PCI_ECAM_BASE, BP_E820_RESERVED},
    {PCI_ECAM_BASE + PCI_ECAM_SIZE, 0},
    {PCI_WINDOW, 0},
    {4096 * MIB - 1, 0},
    {4096 * MIB, BP_E820_RAM},
    {4128 * MIB - 1, BP_E820_RAM},
    {4128 * MIB, 0},
};

START_TEST(memory_map_of_l2)
{
    load();
    ck_assert_msg(type_at(map[_i].at) == map[_i].type, "0x%llx is of type %u",
                  (unsigned long long)map[_i].at, type_at(map[_i].at));
}
END_TEST

/* A walk as the processor does it, from CR3. */
static uint64_t walk(uint64_t address)
{
    uint64_t at = entry.cr3;
    for (unsigned shift = 39;; shift -= 9) {
        uint64_t pte = load_le64(l2(at + (address >> shift & 511) * 8, 8));
        ck_assert_uint_eq(pte & 3, 3);
        at = pte & X86_PTE_ADDRESS;
        if (shift == 21)
            ck_assert_uint_ne(pte & X86_PTE_PAGE_SIZE, 0);
        if (shift == 21)
            return at + (address & 0x1fffff);
        ck_assert_uint_eq(pte & X86_PTE_PAGE_SIZE, 0);
    }
}

START_TEST(four_gib_are_mapped_to_themselves)
{
    load();
    for (uint64_t at = 0x123; at < 4096 * MIB; at += 2 * MIB)
        ck_assert_uint_eq(walk(at), at);
}
END_TEST

START_TEST(segments)
{
    load();
    ck_assert_uint_eq(entry.gdt_base, LOW_GDT);
    ck_assert_uint_ge(entry.gdt_limit, entry.ds + 7);
    uint64_t code = load_le64(l2(entry.gdt_base + entry.cs, 8));
    uint64_t data = load_le64(l2(entry.gdt_base + entry.ds, 8));
    ck_assert_uint_eq(code >> 40 & 0xff, 0x9b);
    ck_assert_uint_eq(code >> 53 & 1, 1); /* L */
    ck_assert_uint_eq(data >> 40 & 0xff, 0x93);
    ck_assert_uint_gt(entry.rsp, entry.gdt_base + entry.gdt_limit);
}
END_TEST

static const struct {
    unsigned offset;
    unsigned size;
    uint64_t value;
    const char *text;
} spoiled[] = {
    {BP_BOOT_FLAG, 2, 0, "kernel: not a bzImage"},
    {BP_HEADER_MAGIC, 4, 0x464c457f, "kernel: not a bzImage"},
    {BP_VERSION, 2, 0x20b, "older than 2.12"},
    {BP_LOADFLAGS, 1, 0, "setup header makes no sense"},
    {BP_JUMP_LENGTH, 1, 0x61, "setup header makes no sense"},
    {BP_XLOADFLAGS, 2, 0x7e, "no 64-bit entry point"},
    {BP_SYSSIZE, 4, KERNEL_SIZE / 16 + 1, "truncated"},
    {BP_SYSSIZE, 4, 0xffffffff, "truncated"},
    {BP_KERNEL_ALIGNMENT, 4, 0x300000, "alignment makes no sense"},
    {BP_KERNEL_ALIGNMENT, 4, 0, "alignment makes no sense"},
    {BP_KERNEL_ALIGNMENT, 4, 0x80000000, "alignment makes no sense"},
    {BP_PREF_ADDRESS, 8, 0x1000200, "preferred address makes no sense"},
    {BP_PREF_ADDRESS, 8, UINT64_MAX & ~0xfffULL, "preferred address makes no sense"},
    {BP_PREF_ADDRESS, 8, 0, "preferred address makes no sense"},
    {BP_INIT_SIZE, 4, 0xffffffff, "too little memory: the kernel needs 4194304 KiB"},
    {BP_INIT_SIZE, 4, 49 << 20, "too little memory: the kernel needs 50176 KiB"},
};

START_TEST(spoiled_kernels)
{
    kernel_image_put(&image, spoiled[_i].offset, spoiled[_i].value, spoiled[_i].size);
    ck_gives_up(spoiled[_i].text);
    ck_assert_uint_eq(*l2(0x1000000, 1), FILL);
}
END_TEST

START_TEST(fixed_kernel_does_not_move)
{
    kernel_image_put(&image, BP_RELOCATABLE_KERNEL, 0, 1);
    kernel_image_put(&image, BP_PREF_ADDRESS, 60 * MIB, 8);
    ck_gives_up("too little memory");
}
END_TEST

START_TEST(no_kernel)
{
    image.kernel_size = 0;
    image.setup_size = 0;
    ck_gives_up("no kernel given");
}
END_TEST

START_TEST(short_setup)
{
    image.setup_size = 1023;
    ck_gives_up("not a bzImage");
}
END_TEST

START_TEST(no_bytes_after_the_setup)
{
    image.kernel_size = 0;
    ck_gives_up("truncated");
}
END_TEST

/* The largest piece is the 40 MiB above the kernel. */
START_TEST(initrd_too_large)
{
    image.initrd_size = (40 << 20) + 1;
    ck_gives_up("initrd too large: it needs 40961 KiB, there are 40960");
    image.initrd_size = UINT32_MAX;
    ck_gives_up("initrd too large: it needs 4194304 KiB, there are 40960");
    image.initrd_size = 40 << 20;
    load();
}
END_TEST

START_TEST(memory_that_is_not_there)
{
    free(fake_host.backing[0]);
    fake_host.backing[0] = NULL;
    ck_gives_up("no memory for the guest at 0x10000");
}
END_TEST

START_TEST(a_host_that_stops_answering)
{
    fake_host.dma_error = true;
    ck_gives_up("DMA error");
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, kernel_at_its_preferred_address);
    tcase_add_test(tests, initrd_as_high_as_there_is_ram);
    tcase_add_test(tests, initrd_below_what_the_kernel_allows);
    tcase_add_test(tests, initrd_below_a_kernel_in_the_way);
    tcase_add_test(tests, no_initrd_is_fine);
    tcase_add_test(tests, relocatable_kernel_goes_to_the_first_aligned_fit);
    tcase_add_test(tests, zero_page_holds_the_header_and_nothing_of_the_host);
    tcase_add_test(tests, a_header_that_tells_to_be_longer_ends_where_its_room_does);
    tcase_add_test(tests, command_line);
    tcase_add_test(tests, longest_command_line);
    tcase_add_test(tests, without_a_command_line);
    tcase_add_loop_test(tests, memory_map_of_l2, 0, sizeof map / sizeof map[0]);
    tcase_add_test(tests, four_gib_are_mapped_to_themselves);
    tcase_add_test(tests, segments);
}

static void add_refusals(TCase *tests)
{
    tcase_add_loop_test(tests, spoiled_kernels, 0, sizeof spoiled / sizeof spoiled[0]);
    tcase_add_test(tests, fixed_kernel_does_not_move);
    tcase_add_test(tests, no_kernel);
    tcase_add_test(tests, short_setup);
    tcase_add_test(tests, no_bytes_after_the_setup);
    tcase_add_test(tests, initrd_too_large);
    tcase_add_test(tests, memory_that_is_not_there);
    tcase_add_test(tests, a_host_that_stops_answering);
}

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-load");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, fake_host_reset);
    add_tests(tests);
    add_refusals(tests);
    suite_add_tcase(suite, tests);
    return suite;
}
