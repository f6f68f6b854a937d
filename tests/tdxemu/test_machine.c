/* host/machine.h: the layout of good machines, and one line for each that is refused. */
#include "host/machine.h"

#include <stdio.h>

#include "abi/fw_cfg.h"
#include "suite.h"

#define MIB(n) ((uint64_t)(n) << 20)

static struct machine machine;

static void read_it(void)
{
    machine_read(&machine);
}

/* A machine of that many MiB, as q35 splits them, for a TD of `td` MiB. */
static void setup(unsigned long mib, const char *td)
{
    fake_reset();
    fake_e820(mib < 2816 ? mib : 2048, mib < 2816 ? 0 : mib - 2048);
    fake_text_file(FW_CFG_FILE_TD_MEMORY, td);
    memset(&machine, 0xa5, sizeof machine);
}

static void check_machine(uint64_t low, uint64_t high, uint64_t pool, uint64_t pool_end)
{
    unsigned status;
    ck_assert_msg(!fake_ends(read_it, &status), "%s", fake_log());
    ck_assert_uint_eq(machine.td_memory, low + high);
    ck_assert_uint_eq(machine.low, low);
    ck_assert_uint_eq(machine.high, high);
    ck_assert_uint_eq(machine.hpa_pool, pool);
    ck_assert_uint_eq(machine.hpa_pool_end, pool_end);
}

START_TEST(a_td_below_2_gib)
{
    setup(4096, "512");
    check_machine(MIB(512), 0, MIB(4096), MIB(4096 + 2048));
}
END_TEST

START_TEST(the_largest_td_without_memory_above_4_gib)
{
    setup(2048 + 2016 + 96 + 32, "2016");
    check_machine(MIB(2016), 0, MIB(4096), MIB(4096 + 2016 + 96 + 32));
}
END_TEST

START_TEST(a_td_with_memory_above_4_gib)
{
    setup(2048 + 2080 + 4096 + 96 + 64, "4096");
    check_machine(MIB(2016), MIB(2080), MIB(4096 + 2080), MIB(4096 + 2080 + 4096 + 96 + 64));
}
END_TEST

START_TEST(the_pool_is_aligned_to_2_mib)
{
    setup(8192, "2017");
    check_machine(MIB(2016), MIB(1), MIB(4096 + 2), MIB(4096 + 6144));
}
END_TEST

START_TEST(one_mib_too_few_is_refused_with_what_it_takes)
{
    setup(2048 + 2080 + 4096 + 96 + 64 - 1, "4096");
    refuses(read_it, "not enough RAM: a TD of 4096 MiB needs -m 8384M, the machine has 8383 MiB");
}
END_TEST

/* q35 does not split less than 2.75 GiB, whatever the TD's size. */
START_TEST(a_small_td_needs_a_machine_that_is_split)
{
    setup(2815, "64");
    refuses(read_it, "needs -m 2816M, the machine has 2815 MiB");
    setup(2816, "64");
    check_machine(MIB(64), 0, MIB(4096), MIB(4096 + 768));
}
END_TEST

START_TEST(ram_split_elsewhere_is_refused)
{
    setup(8192, "512");
    fake_e820(3072, 5120);
    refuses(read_it, "RAM is not 2 GiB");
    fake_e820(2048 - 1, 6144);
    refuses(read_it, "RAM is not 2 GiB");
}
END_TEST

START_TEST(an_unusable_e820_is_refused)
{
    static const unsigned char bytes[65 * 20];
    setup(8192, "512");
    fake_file(FW_CFG_FILE_E820, bytes, 39);
    refuses(read_it, "no usable etc/e820");
    fake_file(FW_CFG_FILE_E820, bytes, sizeof bytes);
    refuses(read_it, "no usable etc/e820");
    fake_file(FW_CFG_FILE_E820, bytes, 0);
    refuses(read_it, "the machine has 0 MiB");
    fake_reset();
    refuses(read_it, "no usable etc/e820");
}
END_TEST

static const char *const no_memory[] = {
    "",     "63",    "0",     "262145",   "512M",      " 512",
    "-512", "0x200", "512\n", "99999999", "000000512", "18446744073709552128",
    "5a",
};

START_TEST(a_garbled_td_memory_is_refused)
{
    setup(8192, no_memory[_i]);
    refuses(read_it, "td-memory is not a decimal number of MiB from 64 to 262144");
}
END_TEST

START_TEST(a_missing_td_memory_is_refused)
{
    fake_reset();
    fake_e820(2048, 2048);
    refuses(read_it, "fw_cfg has no opt/org.tdx-tracker/td-memory");
}
END_TEST

#define HEX "00112233445566778899aabbccddeeffFEDCBA98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0"

START_TEST(mrconfigid_is_zero_or_what_was_given)
{
    static const unsigned char zero[48];
    setup(8192, "512");
    read_it();
    ck_assert_mem_eq(machine.mrconfigid, zero, 48);
    fake_text_file(FW_CFG_FILE_MRCONFIGID, HEX "0123456789abcdef");
    read_it();
    ck_assert_uint_eq(machine.mrconfigid[1], 0x11);
    ck_assert_uint_eq(machine.mrconfigid[16], 0xfe);
    ck_assert_uint_eq(machine.mrconfigid[47], 0xef);
}
END_TEST

static const char *const no_ids[] = {"", HEX "0123456789abcde", HEX "0123456789abcdef0",
                                     HEX "0123456789abcdeg", HEX "0123456789abcde "};

START_TEST(a_garbled_mrconfigid_is_refused)
{
    setup(8192, "512");
    fake_text_file(FW_CFG_FILE_MRCONFIGID, no_ids[_i]);
    refuses(read_it, "mrconfigid is not 96 hexadecimal digits");
}
END_TEST

START_TEST(more_cpus_than_one_are_refused)
{
    static const unsigned char two[2] = {2, 0};
    setup(8192, "512");
    fake_item(FW_CFG_NB_CPUS, two, sizeof two);
    refuses(read_it, "the machine has 2 CPUs");
}
END_TEST

START_TEST(a_machine_without_its_fw_cfg_is_refused)
{
    setup(8192, "512");
    fake_fw_cfg((struct fake_fw_cfg){.absent = true});
    refuses(read_it, "no fw_cfg device");
    fake_fw_cfg((struct fake_fw_cfg){.no_dma = true});
    refuses(read_it, "no DMA");
    fake_fw_cfg((struct fake_fw_cfg){.failing = true});
    refuses(read_it, "fw_cfg failed to read");
}
END_TEST

START_TEST(more_files_than_there_is_room_for_are_refused)
{
    static char names[128][16];
    setup(8192, "512");
    for (unsigned i = 0; i < 126; i++) {
        snprintf(names[i], sizeof names[i], "opt/%u", i);
        fake_text_file(names[i], "");
    }
    read_it();
    fake_text_file("opt/more", "");
    refuses(read_it, "fw_cfg has 129 files, at most 128");
}
END_TEST

Suite *tdxemu_suite(void)
{
    Suite *suite = suite_create("tdxemu machine");
    TCase *t = tcase_create("machine");
    tcase_add_test(t, a_td_below_2_gib);
    tcase_add_test(t, the_largest_td_without_memory_above_4_gib);
    tcase_add_test(t, a_td_with_memory_above_4_gib);
    tcase_add_test(t, the_pool_is_aligned_to_2_mib);
    tcase_add_test(t, one_mib_too_few_is_refused_with_what_it_takes);
    tcase_add_test(t, a_small_td_needs_a_machine_that_is_split);
    tcase_add_test(t, ram_split_elsewhere_is_refused);
    tcase_add_test(t, an_unusable_e820_is_refused);
    tcase_add_loop_test(t, a_garbled_td_memory_is_refused, 0, sizeof no_memory / sizeof *no_memory);
    tcase_add_test(t, a_missing_td_memory_is_refused);
    tcase_add_test(t, mrconfigid_is_zero_or_what_was_given);
    tcase_add_loop_test(t, a_garbled_mrconfigid_is_refused, 0, sizeof no_ids / sizeof *no_ids);
    tcase_add_test(t, more_cpus_than_one_are_refused);
    tcase_add_test(t, a_machine_without_its_fw_cfg_is_refused);
    tcase_add_test(t, more_files_than_there_is_room_for_are_refused);
    suite_add_tcase(suite, t);
    return suite;
}
