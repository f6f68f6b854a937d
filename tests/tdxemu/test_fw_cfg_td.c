/* host/fw_cfg_td.h, by the ports: what the TD sees of the machine's fw_cfg, and what it does not.
 */
#include "abi/fw_cfg.h"
#include "host/fw_cfg.h"
#include "host/io.h"
#include "suite.h"

#define MIB(n)     ((uint64_t)(n) << 20)
#define FOUR_GIB   MIB(4096)
#define DESCRIPTOR 0x5004U /* GPA */
#define BUFFER     0x20000U

/* The TD's RAM: 8 MiB, and 4 MiB from 4 GiB on. */
static const struct machine machine = {
    .td_memory = MIB(12), .low = MIB(8), .high = MIB(4), .hpa_pool_end = MIB(8192)};

static const unsigned char kernel[] = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19};

static void setup(void)
{
    static const unsigned char ram_size[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    fake_reset();
    fake_td_ram(machine.low, machine.high);
    fake_text_file("bootorder", "none");
    fake_e820(2048, 6144);
    fake_text_file(FW_CFG_FILE_TD_IMAGE, "the image");
    fake_text_file(FW_CFG_FILE_TD_MEMORY, "12");
    fake_text_file(FW_CFG_FILE_MRCONFIGID, "the id");
    fake_text_file(FW_CFG_FILE_CONFIG, "the configuration");
    fake_item(FW_CFG_KERNEL_DATA, kernel, sizeof kernel);
    fake_item(FW_CFG_RAM_SIZE, ram_size, sizeof ram_size);
    fw_cfg_open();
    host_io_start(&machine);
}

static void out(uint16_t port, unsigned size, uint32_t value)
{
    ck_assert(host_io(port, size, true, &value));
}

static uint32_t in(uint16_t port, unsigned size)
{
    uint32_t value = 0xa5a5a5a5;
    ck_assert(host_io(port, size, false, &value));
    return value;
}

static void read_bytes(uint16_t key, void *to, size_t length)
{
    unsigned char *bytes = to;
    out(FW_CFG_PORT_SELECT, 2, key);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)in(FW_CFG_PORT_DATA, 1);
}

/* Starts DMA with a descriptor at `at`; returns the control word that it then has. */
static uint32_t dma_at(uint64_t at, uint32_t control, uint64_t address, uint32_t length)
{
    struct fw_cfg_dma dma = {__builtin_bswap32(control), __builtin_bswap32(length),
                             __builtin_bswap64(address)};
    memcpy(fake_shared(at), &dma, sizeof dma);
    out(FW_CFG_PORT_DMA, 4, __builtin_bswap32((uint32_t)(at >> 32)));
    out(FW_CFG_PORT_DMA + 4, 4, __builtin_bswap32((uint32_t)at));
    memcpy(&dma, fake_shared(at), sizeof dma);
    return __builtin_bswap32(dma.control);
}

static uint32_t dma(uint32_t control, uint64_t address, uint32_t length)
{
    return dma_at(DESCRIPTOR, control, address, length);
}

#define SELECT(key) ((uint32_t)(key) << 16 | FW_CFG_DMA_SELECT)

static const struct fw_cfg_file *listed(const struct fw_cfg_directory *directory, const char *name)
{
    for (uint32_t i = 0; i < __builtin_bswap32(directory->count); i++) {
        if (strcmp(directory->files[i].name, name) == 0)
            return &directory->files[i];
    }
    return NULL;
}

static struct fw_cfg_directory directory;

START_TEST(the_directory_has_the_td_s_files)
{
    read_bytes(FW_CFG_FILE_DIR, &directory, 4 + 5 * sizeof *directory.files);
    ck_assert_uint_eq(__builtin_bswap32(directory.count), 3);
    const struct fw_cfg_file *e820 = listed(&directory, FW_CFG_FILE_E820);
    ck_assert_ptr_nonnull(e820);
    ck_assert_uint_eq(__builtin_bswap32(e820->size), 2 * sizeof(struct fw_cfg_e820));
    ck_assert_uint_eq(__builtin_bswap16(e820->key), fake_key(FW_CFG_FILE_E820));
    const struct fw_cfg_file *config = listed(&directory, FW_CFG_FILE_CONFIG);
    ck_assert_ptr_nonnull(config);
    ck_assert_uint_eq(__builtin_bswap32(config->size), 17);
    ck_assert_ptr_nonnull(listed(&directory, "bootorder"));
    ck_assert_uint_eq(directory.files[3].key, 0);
    ck_assert_int_eq(directory.files[4].name[0], 0);
}
END_TEST

static const char *const hidden[] = {FW_CFG_FILE_TD_IMAGE, FW_CFG_FILE_TD_MEMORY,
                                     FW_CFG_FILE_MRCONFIGID};

/* Nor by its key, with and without the bit that once asked to write, bytewise and by DMA. */
START_TEST(hidden_files_are_empty)
{
    static const unsigned char zero[16];
    uint16_t key = fake_key(hidden[_i]);
    unsigned char bytes[16];
    read_bytes(key, bytes, sizeof bytes);
    ck_assert_mem_eq(bytes, zero, sizeof bytes);
    read_bytes(key | FW_CFG_WRITE_CHANNEL, bytes, sizeof bytes);
    ck_assert_mem_eq(bytes, zero, sizeof bytes);
    ck_assert_uint_eq(dma(SELECT(key) | FW_CFG_DMA_READ, BUFFER, 16), 0);
    ck_assert_mem_eq(fake_shared(BUFFER), zero, 16);
}
END_TEST

START_TEST(e820_is_the_td_s)
{
    struct fw_cfg_e820 entries[3];
    read_bytes(fake_key(FW_CFG_FILE_E820), entries, sizeof entries);
    ck_assert(entries[0].start == 0 && entries[0].size == machine.low);
    ck_assert(entries[1].start == FOUR_GIB && entries[1].size == machine.high);
    ck_assert(entries[0].type == 1 && entries[1].type == 1);
    ck_assert(entries[2].start == 0 && entries[2].size == 0);
}
END_TEST

START_TEST(e820_of_a_td_below_4_gib_has_one_range)
{
    static const struct machine low_only = {.td_memory = MIB(8), .low = MIB(8)};
    struct fw_cfg_e820 entries[2];
    host_io_start(&low_only);
    read_bytes(fake_key(FW_CFG_FILE_E820), entries, sizeof entries);
    ck_assert(entries[0].size == MIB(8) && entries[1].start == 0);
    read_bytes(FW_CFG_FILE_DIR, &directory, sizeof directory);
    ck_assert_uint_eq(__builtin_bswap32(listed(&directory, FW_CFG_FILE_E820)->size), 20);
}
END_TEST

START_TEST(the_ram_size_is_the_td_s)
{
    uint64_t size[2];
    read_bytes(FW_CFG_RAM_SIZE, size, sizeof size);
    ck_assert_uint_eq(size[0], machine.td_memory);
    ck_assert_uint_eq(size[1], 0);
}
END_TEST

START_TEST(other_items_are_the_machine_s)
{
    char bytes[18];
    read_bytes(FW_CFG_SIGNATURE, bytes, 4);
    ck_assert_mem_eq(bytes, "QEMU", 4);
    read_bytes(fake_key(FW_CFG_FILE_CONFIG), bytes, sizeof bytes);
    ck_assert_mem_eq(bytes, "the configuration", sizeof bytes);
    ck_assert_uint_eq(in(FW_CFG_PORT_DMA, 4), 0x51454d55);
}
END_TEST

/* Bytes and DMA share one offset, on the machine's items and on ours. */
START_TEST(bytes_and_dma_go_on_where_the_other_stopped)
{
    struct fw_cfg_e820 entry;
    out(FW_CFG_PORT_SELECT, 2, FW_CFG_KERNEL_DATA);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 10);
    ck_assert_uint_eq(dma(FW_CFG_DMA_SKIP, 0, 2), 0);
    ck_assert_uint_eq(dma(FW_CFG_DMA_READ, BUFFER + 1, 3), 0);
    ck_assert_mem_eq(fake_shared(BUFFER), "\x5a\x0d\x0e\x0f\x5a", 5);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 16);
    out(FW_CFG_PORT_SELECT, 2, fake_key(FW_CFG_FILE_E820));
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 0);
    ck_assert_uint_eq(dma(FW_CFG_DMA_SKIP, 0, 19), 0);
    ck_assert_uint_eq(dma(FW_CFG_DMA_READ, BUFFER, 18), 0);
    memcpy(&entry, fake_shared(BUFFER), 18);
    ck_assert(entry.start == FOUR_GIB && entry.size == machine.high);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 0);
}
END_TEST

static const uint16_t both_keys[] = {FW_CFG_KERNEL_DATA, FW_CFG_RAM_SIZE};

START_TEST(behind_the_end_there_are_zeros)
{
    static const unsigned char zero[16];
    ck_assert_uint_eq(dma(SELECT(both_keys[_i]) | FW_CFG_DMA_SKIP, 0, 0xffffffff), 0);
    ck_assert_uint_eq(dma(FW_CFG_DMA_READ, BUFFER, 16), 0);
    ck_assert_mem_eq(fake_shared(BUFFER), zero, 16);
    ck_assert_uint_eq(fake_shared(BUFFER)[16], 0x5a);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 0);
}
END_TEST

START_TEST(dma_reaches_ram_above_4_gib)
{
    ck_assert_uint_eq(dma_at(FOUR_GIB + 0x10, SELECT(FW_CFG_KERNEL_DATA) | FW_CFG_DMA_READ,
                             FOUR_GIB + MIB(4) - 10, 10),
                      0);
    ck_assert_mem_eq(fake_shared(FOUR_GIB + MIB(4) - 10), kernel, 10);
}
END_TEST

static const struct {
    uint64_t address;
    uint32_t length;
} bad_buffers[] = {
    {MIB(8), 1},       {MIB(8) - 4, 5},           {0, MIB(8) + 1},
    {FOUR_GIB - 1, 2}, {FOUR_GIB + MIB(4), 1},    {FOUR_GIB, MIB(4) + 1},
    {UINT64_MAX, 2},   {UINT64_MAX - 1, 1},       {0x7e000000, 16},
    {MIB(6144), 16},   {1ULL << 47 | 0x1000, 16}, {0x1000, UINT32_MAX},
};

START_TEST(a_buffer_outside_the_td_s_ram_sets_the_error_bit)
{
    for (size_t key = 0; key < 2; key++) {
        ck_assert_uint_eq(dma(SELECT(both_keys[key]) | FW_CFG_DMA_READ, bad_buffers[_i].address,
                              bad_buffers[_i].length),
                          FW_CFG_DMA_ERROR);
        ck_assert_uint_eq(fake_shared(MIB(8) - 4)[0], 0x5a);
    }
}
END_TEST

static const uint64_t bad_descriptors[] = {MIB(8) - 15,    MIB(8),
                                           FOUR_GIB - 8,   FOUR_GIB + MIB(4) - 15,
                                           UINT64_MAX - 3, 1ULL << 47 | DESCRIPTOR};

/* The item stays selected as it was, and nothing is written. */
START_TEST(a_descriptor_outside_the_td_s_ram_has_no_effect)
{
    uint64_t at = bad_descriptors[_i];
    out(FW_CFG_PORT_SELECT, 2, FW_CFG_KERNEL_DATA);
    memset(fake_shared(MIB(8) - 16), 0, 16);
    out(FW_CFG_PORT_DMA, 4, __builtin_bswap32((uint32_t)(at >> 32)));
    out(FW_CFG_PORT_DMA + 4, 4, __builtin_bswap32((uint32_t)at));
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 10);
}
END_TEST

START_TEST(writes_are_refused)
{
    ck_assert_uint_eq(dma(SELECT(FW_CFG_KERNEL_DATA) | FW_CFG_DMA_WRITE, BUFFER, 1),
                      FW_CFG_DMA_ERROR);
    ck_assert_uint_eq(dma(SELECT(FW_CFG_RAM_SIZE) | FW_CFG_DMA_WRITE, BUFFER, 1), FW_CFG_DMA_ERROR);
    out(FW_CFG_PORT_SELECT, 2, FW_CFG_KERNEL_DATA);
    out(FW_CFG_PORT_DATA, 1, 0x77);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 10);
}
END_TEST

START_TEST(a_failure_of_the_machine_s_device_is_passed_on)
{
    fake_fw_cfg((struct fake_fw_cfg){.failing = true});
    ck_assert_uint_eq(dma(SELECT(FW_CFG_KERNEL_DATA) | FW_CFG_DMA_READ, BUFFER, 1),
                      FW_CFG_DMA_ERROR);
    ck_assert_uint_eq(dma(SELECT(FW_CFG_RAM_SIZE) | FW_CFG_DMA_READ, BUFFER, 1), 0);
}
END_TEST

/* Nothing asked for, or of a size that the device does not take: done, without effect. */
START_TEST(descriptors_and_accesses_that_ask_nothing_do_nothing)
{
    ck_assert_uint_eq(dma(SELECT(FW_CFG_KERNEL_DATA), UINT64_MAX, 5), 0);
    ck_assert_uint_eq(dma(FW_CFG_DMA_READ, UINT64_MAX, 0), 0);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 10);
    out(FW_CFG_PORT_SELECT, 1, FW_CFG_RAM_SIZE);
    out(FW_CFG_PORT_SELECT, 4, FW_CFG_RAM_SIZE);
    out(FW_CFG_PORT_DMA, 2, 0);
    out(FW_CFG_PORT_DMA + 4, 2, 0);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 4), 0);
    ck_assert_uint_eq(in(FW_CFG_PORT_DATA, 1), 11);
}
END_TEST

Suite *tdxemu_suite(void)
{
    Suite *suite = suite_create("tdxemu fw_cfg_td");
    TCase *t = tcase_create("fw_cfg_td");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, the_directory_has_the_td_s_files);
    tcase_add_loop_test(t, hidden_files_are_empty, 0, sizeof hidden / sizeof *hidden);
    tcase_add_test(t, e820_is_the_td_s);
    tcase_add_test(t, e820_of_a_td_below_4_gib_has_one_range);
    tcase_add_test(t, the_ram_size_is_the_td_s);
    tcase_add_test(t, other_items_are_the_machine_s);
    tcase_add_test(t, bytes_and_dma_go_on_where_the_other_stopped);
    tcase_add_loop_test(t, behind_the_end_there_are_zeros, 0, 2);
    tcase_add_test(t, dma_reaches_ram_above_4_gib);
    tcase_add_loop_test(t, a_buffer_outside_the_td_s_ram_sets_the_error_bit, 0,
                        sizeof bad_buffers / sizeof *bad_buffers);
    tcase_add_loop_test(t, a_descriptor_outside_the_td_s_ram_has_no_effect, 0,
                        sizeof bad_descriptors / sizeof *bad_descriptors);
    tcase_add_test(t, writes_are_refused);
    tcase_add_test(t, a_failure_of_the_machine_s_device_is_passed_on);
    tcase_add_test(t, descriptors_and_accesses_that_ask_nothing_do_nothing);
    suite_add_tcase(suite, t);
    return suite;
}
