/* host/td_image.h: what a good image puts where, and one line for each bad one. */
#include "host/td_image.h"

#include "abi/fw_cfg.h"
#include "host/fw_cfg.h"
#include "module/pages.h"
#include "suite.h"
#include "tdvf_writer.h"

#define MIB(n) ((uint64_t)(n) << 20)

static struct tdvf_image image;
static uint64_t hob;

/* The TD's RAM: 12 MiB, and 4 MiB from 4 GiB on. */
static const struct machine machine = {.td_memory = MIB(16), .low = MIB(12), .high = MIB(4)};

static void load_it(void)
{
    fw_cfg_open();
    hob = td_image_load(&machine);
}

static void setup(void)
{
    fake_reset();
    fake_td_ram(machine.low, machine.high);
    tdvf_image_make(&image);
    fake_file(FW_CFG_FILE_TD_IMAGE, image.bytes, sizeof image.bytes);
}

static void loads(void)
{
    unsigned status;
    tdvf_image_write(&image);
    ck_assert_msg(!fake_ends(load_it, &status), "%s", fake_log());
}

static void refused(const char *words)
{
    tdvf_image_write(&image);
    refuses(load_it, words);
    ck_assert_uint_eq(fake_added(), 0);
}

static bool all_zero(uint64_t gpa, size_t length)
{
    const unsigned char *p = pages_private(gpa, length);
    size_t i = 0;
    while (i < length && p[i] == 0)
        i++;
    return i == length;
}

START_TEST(sections_hold_their_data_and_zeros)
{
    loads();
    ck_assert_mem_eq(pages_private(MIB(4096) - TDVF_IMAGE, TDVF_IMAGE), image.bytes, TDVF_IMAGE);
    ck_assert(all_zero(MIB(8), 0x10000));
    ck_assert_uint_eq(*(unsigned char *)pages_private(MIB(10), 1), 0xa5);
    ck_assert_uint_eq(fake_added(), TDVF_IMAGE + 0x10000 + 0x1000);
    ck_assert_uint_eq(hob, MIB(9));
}
END_TEST

START_TEST(data_come_from_their_offset_and_are_padded_with_zeros)
{
    tdvf_image_add(&image, TDVF_SECTION_CFV, MIB(4096) - 0x20000, 0x2000);
    image.sections[4].data_offset = 0x3001;
    image.sections[4].data_size = 0x1234;
    loads();
    ck_assert_mem_eq(pages_private(MIB(4096) - 0x20000, 1), image.bytes + 0x3001, 0x1234);
    ck_assert(all_zero(MIB(4096) - 0x20000 + 0x1234, 0x2000 - 0x1234));
}
END_TEST

START_TEST(an_image_without_hob_has_none)
{
    image.sections[2].type = TDVF_SECTION_TEMPMEM;
    loads();
    ck_assert_uint_eq(hob, 0);
}
END_TEST

#define LIST_END (56U + 48U * 6U)

struct resource {
    uint64_t type_and_attributes, start, length;
};

/* The list says of every byte of RAM whether it was added, in order. */
START_TEST(the_hob_tells_added_and_unaccepted_ram)
{
    static const struct resource expected[] = {
        {7ULL << 32 | 7, 0, MIB(8)},
        {7ULL << 32, MIB(8), 0x10000},
        {7ULL << 32 | 7, MIB(8) + 0x10000, MIB(1) - 0x10000},
        {7ULL << 32, MIB(9), 0x1000},
        {7ULL << 32 | 7, MIB(9) + 0x1000, MIB(3) - 0x1000},
        {7ULL << 32 | 7, MIB(4096), MIB(4)},
    };
    const unsigned char *at;
    uint64_t word;
    loads();
    at = pages_private(MIB(9), 0x1000);
    memcpy(&word, at, 8);
    ck_assert_uint_eq(word, 56U << 16 | 1);
    memcpy(&word, at + 8, 8);
    ck_assert_uint_eq(word, 9);
    memcpy(&word, at + 48, 8);
    ck_assert_uint_eq(word, MIB(9) + LIST_END + 8);
    for (size_t i = 0; i < 6; i++) {
        const unsigned char *resource = at + 56 + 48 * i;
        memcpy(&word, resource, 8);
        ck_assert_uint_eq(word, 48U << 16 | 3);
        ck_assert_mem_eq(resource + 24, &expected[i], sizeof *expected);
    }
    memcpy(&word, at + LIST_END, 8);
    ck_assert_uint_eq(word, 8U << 16 | 0xffff);
}
END_TEST

START_TEST(a_missing_image_is_refused)
{
    fake_reset();
    refuses(load_it, "fw_cfg has no opt/org.tdx-tracker/td-image");
}
END_TEST

START_TEST(an_image_of_a_wrong_size_is_refused)
{
    static unsigned char large[TD_IMAGE_MAX + 1];
    fake_file(FW_CFG_FILE_TD_IMAGE, large, sizeof large);
    refuses(load_it, "td-image has 4194305 bytes, at most 4194304");
    fake_file(FW_CFG_FILE_TD_IMAGE, large, 49);
    refuses(load_it, "too small");
    fake_file(FW_CFG_FILE_TD_IMAGE, large, 50);
    refuses(load_it, "no TDVF metadata");
    fake_file(FW_CFG_FILE_TD_IMAGE, large, 0);
    refuses(load_it, "too small");
}
END_TEST

/* A fault of a section: which one, and what is set in it. */
static const struct section_fault {
    const char *words;
    unsigned index;
    struct tdvf_section section;
} section_faults[] = {
    {"section 1: its type", 1, {0, 0, MIB(8), 0x1000, 5, 0}},
    {"section 1: its attributes", 1, {0, 0, MIB(8), 0x1000, TDVF_SECTION_TEMPMEM, 4}},
    {"section 1: its attributes", 1, {0, 0, MIB(8), 0x1000, TDVF_SECTION_TEMPMEM, 2}},
    {"section 3: its attributes", 3, {0, 0, MIB(10), 0x1000, TDVF_SECTION_PERMMEM, 3}},
    {"section 1: its memory is not whole", 1, {0, 0, MIB(8) + 1, 0x1000, 3, 0}},
    {"section 1: its memory is not whole", 1, {0, 0, MIB(8), 0x1001, 3, 0}},
    {"section 1: its memory is empty", 1, {0, 0, MIB(8), 0, 3, 0}},
    {"section 1: its memory is empty", 1, {0, 0, ~0xfffULL, 0x1000, 3, 0}},
    {"section 1: BFV and CFV need data", 1, {0, 1, MIB(8), 0x1000, 3, 0}},
    {"section 2: BFV and CFV need data", 2, {0, 0x1000, MIB(9), 0x1000, 2, 0}},
    {"section 0: BFV and CFV need data", 0, {0, 0, MIB(4096) - 0x10000, 0x10000, 0, 1}},
    {"section 0: its data lie outside", 0, {1, 0x10000, MIB(4096) - 0x10000, 0x10000, 0, 1}},
    {"section 0: its data lie outside", 0, {~0U, 0x10000, MIB(4096) - 0x10000, 0x10000, 0, 1}},
    {"section 0: its data are larger", 0, {0, 0x1001, MIB(4096) - 0x10000, 0x1000, 0, 1}},
    {"sections 1 and 2 overlap", 2, {0, 0, MIB(8) + 0xf000, 0x1000, 2, 0}},
    {"sections 1 and 3 overlap", 3, {0, 0, MIB(7), MIB(2), 4, 0}},
    {"sections 2 and 3 are both TD HOBs", 3, {0, 0, MIB(10), 0x1000, 2, 0}},
    {"no BFV section holds the reset", 0, {0, 0x10000, MIB(4096) - 0x20000, 0x10000, 0, 1}},
    {"no BFV section holds the reset", 0, {0, 0xfff0, MIB(4096) - 0x10000, 0x10000, 0, 1}},
    {"no BFV section holds the reset", 0, {0, 0x10000, MIB(4096) - 0x10000, 0x10000, 1, 0}},
    {"section 3 lies outside the 4 MiB", 3, {0, 0x1000, MIB(4092) - 0x1000, 0x1000, 1, 0}},
    {"section 3 lies outside the 4 MiB", 3, {0, 0x1000, MIB(4096), 0x1000, 1, 0}},
    {"section 3 lies outside the 4 MiB", 3, {0, 0x1000, MIB(1), 0x1000, 1, 0}},
    {"section 1 lies outside the TD's RAM", 1, {0, 0, MIB(12) - 0x1000, 0x2000, 3, 0}},
    {"section 1 lies outside the TD's RAM", 1, {0, 0, MIB(4094), 0x1000, 3, 0}},
    {"section 1 lies outside the TD's RAM", 1, {0, 0, MIB(4100), 0x1000, 3, 0}},
    {"section 2 lies outside the TD's RAM", 2, {0, 0, MIB(12), 0x1000, 2, 0}},
    {"section 3 lies outside the TD's RAM", 3, {0, 0, MIB(12), 0x1000, 4, 2}},
};

START_TEST(a_bad_section_is_refused)
{
    const struct section_fault *fault = &section_faults[_i];
    image.sections[fault->index] = fault->section;
    refused(fault->words);
}
END_TEST

static const struct descriptor_fault {
    const char *words;
    struct tdvf_descriptor descriptor;
} descriptor_faults[] = {
    {"without their GUID and signature", {TDVF_SIGNATURE + 1, 16 + 4 * 32, 1, 4}},
    {"metadata of version 2, not 1", {TDVF_SIGNATURE, 16 + 4 * 32, 2, 4}},
    {"metadata of version 0, not 1", {TDVF_SIGNATURE, 16 + 4 * 32, 0, 4}},
    {"0 TDVF sections, not 1 to 16", {TDVF_SIGNATURE, 16, 1, 0}},
    {"17 TDVF sections, not 1 to 16", {TDVF_SIGNATURE, 16 + 17 * 32, 1, 17}},
    {"134217728 TDVF sections", {TDVF_SIGNATURE, 16, 1, 0x8000000}},
    {"metadata of 145 bytes for 4", {TDVF_SIGNATURE, 16 + 4 * 32 + 1, 1, 4}},
    {"metadata of 0 bytes for 4", {TDVF_SIGNATURE, 0, 1, 4}},
};

START_TEST(a_bad_descriptor_is_refused)
{
    image.descriptor = descriptor_faults[_i].descriptor;
    refused(descriptor_faults[_i].words);
}
END_TEST

static const uint32_t bad_offsets[] = {
    0, 1, 15, TDVF_IMAGE - 15, TDVF_IMAGE, TDVF_IMAGE + 1, UINT32_MAX};

START_TEST(metadata_outside_the_image_are_refused)
{
    image.offset = bad_offsets[_i];
    refused("bytes before its end");
}
END_TEST

START_TEST(metadata_may_begin_the_image_but_not_leave_it)
{
    image.offset = 16 + 4 * 32 - 1;
    refused("metadata of 144 bytes for 4 sections");
    setup();
    image.offset = TDVF_IMAGE - 16;
    loads();
}
END_TEST

START_TEST(metadata_without_their_guid_are_refused)
{
    tdvf_image_write(&image);
    image.bytes[TDVF_IMAGE - TDVF_METADATA - 1] ^= 1;
    refuses(load_it, "without their GUID and signature");
}
END_TEST

/* A fault of the table: 16 bits at a place, counted from the end of the image. */
static const struct table_fault {
    const char *words;
    uint32_t from_end;
    uint16_t value;
} table_faults[] = {
    {"its GUIDed table is not there", TDVF_TABLE_END + 1, 0},
    {"a GUIDed table of 17 bytes", TDVF_TABLE_END + 18, 17},
    {"a GUIDed table of 65535 bytes", TDVF_TABLE_END + 18, 65535},
    {"its GUIDed table has no entry", TDVF_TABLE_END + 18, 18},
    {"its GUIDed table has no entry", TDVF_TABLE_END + 18, 18 + 22 + 17},
    {"an entry of 22 bytes", TDVF_TABLE_END + 18, 18 + 22 + 21},
    {"an entry of 0 bytes", TDVF_TABLE_END + 36, 0},
    {"an entry of 17 bytes", TDVF_TABLE_END + 36, 17},
    {"an entry of 45 bytes", TDVF_TABLE_END + 36, 45},
    {"its GUIDed table has no entry", TDVF_TABLE_END + 36, 44},
    {"a metadata entry of 21 bytes", TDVF_TABLE_END + 58, 21},
    {"its GUIDed table has no entry", TDVF_TABLE_END + 42, 0},
};

START_TEST(a_bad_table_is_refused)
{
    const struct table_fault *fault = &table_faults[_i];
    tdvf_image_write(&image);
    memcpy(image.bytes + TDVF_IMAGE - fault->from_end, &fault->value, 2);
    refuses(load_it, fault->words);
}
END_TEST

Suite *tdxemu_suite(void)
{
    Suite *suite = suite_create("tdxemu td_image");
    TCase *t = tcase_create("td_image");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, sections_hold_their_data_and_zeros);
    tcase_add_test(t, data_come_from_their_offset_and_are_padded_with_zeros);
    tcase_add_test(t, an_image_without_hob_has_none);
    tcase_add_test(t, the_hob_tells_added_and_unaccepted_ram);
    tcase_add_test(t, a_missing_image_is_refused);
    tcase_add_test(t, an_image_of_a_wrong_size_is_refused);
    tcase_add_loop_test(t, a_bad_section_is_refused, 0,
                        sizeof section_faults / sizeof *section_faults);
    tcase_add_loop_test(t, a_bad_descriptor_is_refused, 0,
                        sizeof descriptor_faults / sizeof *descriptor_faults);
    tcase_add_loop_test(t, metadata_outside_the_image_are_refused, 0,
                        sizeof bad_offsets / sizeof *bad_offsets);
    tcase_add_test(t, metadata_may_begin_the_image_but_not_leave_it);
    tcase_add_test(t, metadata_without_their_guid_are_refused);
    tcase_add_loop_test(t, a_bad_table_is_refused, 0, sizeof table_faults / sizeof *table_faults);
    suite_add_tcase(suite, t);
    return suite;
}
