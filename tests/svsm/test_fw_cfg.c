/* fw_cfg client and the TD's memory map, against honest and lying hosts. */
#include "abi/fw_cfg.h"
#include "loader/fw_cfg.h"
#include "loader/memory_map.h"
#include "suite.h"

static unsigned char pattern[100000];
static struct evidence evidence;

static void setup(void)
{
    fake_host_reset();
    memset(&evidence, 0, sizeof evidence);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (unsigned char)(i * 7 + i / 251);
}

START_TEST(reads_in_chunks_what_the_item_holds)
{
    unsigned char got[sizeof pattern];
    fake_item(FW_CFG_KERNEL_DATA, pattern, sizeof pattern);
    struct fw_cfg_reader reader = fw_cfg_open(FW_CFG_KERNEL_DATA);

    ck_status(fw_cfg_read(&reader, got, 3, &evidence), STATUS_OK);
    ck_status(fw_cfg_read(&reader, got + 3, sizeof got - 3, &evidence), STATUS_OK);
    ck_assert_mem_eq(got, pattern, sizeof pattern);
    ck_assert_uint_eq(reader.at, sizeof pattern);
}
END_TEST

START_TEST(writes_no_byte_behind_the_buffer)
{
    unsigned char *got = malloc(13); /* the sanitizer guards its end */
    fake_item(FW_CFG_KERNEL_DATA, pattern, sizeof pattern);
    struct fw_cfg_reader reader = fw_cfg_open(FW_CFG_KERNEL_DATA);

    ck_status(fw_cfg_read(&reader, got, 13, &evidence), STATUS_OK);
    ck_assert_mem_eq(got, pattern, 13);
    free(got);
}
END_TEST

START_TEST(finds_files_by_their_whole_name)
{
    uint16_t key = 0;
    uint32_t size = 0;
    fake_file("etc/e820-not", pattern, 1);
    fake_file("etc/e8", pattern, 2);
    fake_file("etc/e820", pattern, 3);

    ck_status(fw_cfg_find("etc/e820", &key, &size, &evidence), STATUS_OK);
    ck_assert_uint_eq(size, 3);
    ck_assert_uint_eq(key, fake_host.items[2].key);
    ck_status(fw_cfg_find("etc/e82", &key, &size, &evidence), STATUS_NOT_FOUND);
    ck_assert_uint_eq(size, 3);
}
END_TEST

START_TEST(a_directory_without_end_is_left)
{
    uint16_t key = 0;
    uint32_t size = 0;
    fake_item(FW_CFG_KERNEL_DATA, pattern, 1);
    fake_host.directory_lie = UINT32_MAX;

    ck_status(fw_cfg_find("none", &key, &size, &evidence), STATUS_NOT_FOUND);
    ck_assert_uint_le(fake_host.dma_transfers, FW_CFG_FILES_MAX + 1);
}
END_TEST

START_TEST(a_host_that_refuses_is_a_status)
{
    unsigned char byte;
    struct fw_cfg_reader reader = fw_cfg_open(FW_CFG_KERNEL_DATA);
    fake_host.dma_error = true;
    ck_status(fw_cfg_read(&reader, &byte, 1, &evidence), STATUS_MALFORMED);
    fake_host.dma_error = false;
    fake_host.dma_silent = true;
    ck_status(fw_cfg_read(&reader, &byte, 1, &evidence), STATUS_BUDGET);
    fake_host.refuses_io = true;
    ck_status(fw_cfg_read(&reader, &byte, 1, &evidence), STATUS_MALFORMED);
    ck_assert_uint_eq(reader.at, 0);
}
END_TEST

START_TEST(no_fw_cfg_no_memory_map)
{
    struct guestmem_range ranges[4];
    size_t count = 77;
    ck_status(loader_memory_map(ranges, 4, &count, &evidence), STATUS_NOT_FOUND);
    ck_assert_uint_eq(count, 77);
    ck_assert_ptr_nonnull(evidence.what);
}
END_TEST

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

static enum status map_of(const struct fw_cfg_e820 *entries, size_t entry_count,
                          struct guestmem_range ranges[4], size_t *count)
{
    fake_file(FW_CFG_FILE_E820, entries, (uint32_t)(entry_count * sizeof *entries));
    return loader_memory_map(ranges, 4, count, &evidence);
}

START_TEST(ram_is_sorted_and_rounded_inwards)
{
    const struct fw_cfg_e820 entries[] = {{4 * GIB, 512 * MIB, 1},
                                          {0xfeffc000, 0x4000, 2},
                                          {1, 128 * MIB, 1},
                                          {200 * MIB + 5, 100, 1}};
    struct guestmem_range ranges[4];
    size_t count = 0;

    ck_status(map_of(entries, 4, ranges, &count), STATUS_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(ranges[0].start.v, 0x1000);
    ck_assert_uint_eq(ranges[0].size, 128 * MIB - 0x1000);
    ck_assert_uint_eq(ranges[1].start.v, 4 * GIB);
    ck_assert_uint_eq(ranges[1].size, 512 * MIB);
}
END_TEST

static const struct {
    size_t count;
    enum status status;
    struct fw_cfg_e820 entries[5];
} refused[] = {
    {2, STATUS_MALFORMED, {{0, 128 * MIB, 1}, {64 * MIB, 128 * MIB, 1}}},
    {2, STATUS_MALFORMED, {{64 * MIB, 128 * MIB, 1}, {0, 128 * MIB, 1}}},
    {1, STATUS_MALFORMED, {{0, 63 * MIB, 1}}},
    {1, STATUS_MALFORMED, {{0, 128 * MIB, 2}}},
    {2, STATUS_MALFORMED, {{0, 128 * MIB, 1}, {1ULL << 46, MIB, 1}}},
    {1, STATUS_MALFORMED, {{4096, UINT64_MAX, 1}}},
    {5,
     STATUS_FULL,
     {{0, 64 * MIB, 1},
      {128 * MIB, MIB, 1},
      {130 * MIB, MIB, 1},
      {132 * MIB, MIB, 1},
      {134 * MIB, MIB, 1}}},
};

START_TEST(a_map_that_makes_no_sense_is_refused)
{
    struct guestmem_range ranges[4];
    size_t count = 77;
    ck_status(map_of(refused[_i].entries, refused[_i].count, ranges, &count), refused[_i].status);
    ck_assert_uint_eq(count, 77);
}
END_TEST

START_TEST(a_map_of_odd_size_is_refused)
{
    const struct fw_cfg_e820 entry = {0, 128 * MIB, 1};
    struct guestmem_range ranges[4];
    size_t count;
    ck_status(map_of(&entry, 1, ranges, &count), STATUS_OK);
    fake_host.items[0].told = sizeof entry + 1;
    ck_status(loader_memory_map(ranges, 4, &count, &evidence), STATUS_MALFORMED);
}
END_TEST

START_TEST(a_map_of_too_many_entries_is_refused)
{
    struct fw_cfg_e820 entries[MEMORY_MAP_ENTRIES_MAX + 1];
    struct guestmem_range ranges[4];
    size_t count;
    for (size_t i = 0; i <= MEMORY_MAP_ENTRIES_MAX; i++)
        entries[i] = (struct fw_cfg_e820){i * 16 * MIB, 8 * MIB, 1};
    ck_status(map_of(entries, MEMORY_MAP_ENTRIES_MAX + 1, ranges, &count), STATUS_MALFORMED);
    fake_host.items[0].told = sizeof entries - sizeof entries[0];
    ck_status(loader_memory_map(ranges, 4, &count, &evidence), STATUS_FULL);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-fw_cfg");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, fake_host_reset);
    tcase_add_test(tests, reads_in_chunks_what_the_item_holds);
    tcase_add_test(tests, writes_no_byte_behind_the_buffer);
    tcase_add_test(tests, finds_files_by_their_whole_name);
    tcase_add_test(tests, a_directory_without_end_is_left);
    tcase_add_test(tests, a_host_that_refuses_is_a_status);
    tcase_add_test(tests, no_fw_cfg_no_memory_map);
    tcase_add_test(tests, ram_is_sorted_and_rounded_inwards);
    tcase_add_loop_test(tests, a_map_that_makes_no_sense_is_refused, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(tests, a_map_of_odd_size_is_refused);
    tcase_add_test(tests, a_map_of_too_many_entries_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
