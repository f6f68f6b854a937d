/* guestmem/image.h, raw files: the hole below 4 GiB, and reads that cross segments or leave them.
 */
#include "guestmem/image.h"
#include "unit.h"

#define FOUR_GIB 0x100000000ULL

static struct image image;
static unsigned char file[0x5000];

static void fill_file(void)
{
    for (size_t i = 0; i < sizeof file; i++)
        file[i] = (unsigned char)(i * 7 + i / 256);
}

START_TEST(raw_file_below_the_hole_is_one_segment)
{
    fill_file();
    ck_status(image_from_raw(file, sizeof file, FOUR_GIB, &image, NULL), STATUS_OK);
    ck_assert_uint_eq(image.count, 1);
    ck_status(image_from_raw(file, sizeof file, sizeof file, &image, NULL), STATUS_OK);
    ck_assert_uint_eq(image.count, 1);
    ck_assert_uint_eq(image.ranges[0].start.v, 0);
    ck_assert_uint_eq(image.ranges[0].size, sizeof file);
}
END_TEST

START_TEST(raw_file_goes_on_at_4_gib)
{
    unsigned char copy[32];
    fill_file();
    ck_status(image_from_raw(file, sizeof file, 0x3000, &image, NULL), STATUS_OK);
    struct guestmem memory = image_memory(&image);
    ck_assert_uint_eq(memory.range_count, 2);
    ck_assert_uint_eq(memory.ranges[1].start.v, FOUR_GIB);
    ck_assert_uint_eq(memory.ranges[1].size, 0x2000);
    ck_status(guestmem_read(&memory, gpa(FOUR_GIB + 0x10), copy, sizeof copy), STATUS_OK);
    ck_assert_mem_eq(copy, file + 0x3010, sizeof copy);
    ck_status(guestmem_read(&memory, gpa(0x2fe0), copy, sizeof copy), STATUS_OK);
    ck_assert_mem_eq(copy, file + 0x2fe0, sizeof copy);
}
END_TEST

START_TEST(reads_that_leave_ram_are_outside)
{
    static const struct {
        uint64_t at;
        size_t length;
        bool inside;
    } rows[] = {{0x2fff, 1, true},
                {0x2fff, 2, false},
                {0x3000, 1, false},
                {FOUR_GIB - 1, 1, false},
                {FOUR_GIB - 1, 2, false},
                {FOUR_GIB + 0x1fff, 1, true},
                {FOUR_GIB + 0x2000, 1, false},
                {UINT64_MAX, 1, false},
                {UINT64_MAX, 8, false},
                {UINT64_MAX - 7, 16, false},
                {0, SIZE_MAX, false}};
    unsigned char room[16];
    ck_status(image_from_raw(file, sizeof file, 0x3000, &image, NULL), STATUS_OK);
    struct guestmem memory = image_memory(&image);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].length > sizeof room)
            continue; /* `to` must be as long as the read */
        enum status expected = rows[i].inside ? STATUS_OK : STATUS_OUTSIDE;
        ck_status(guestmem_read(&memory, gpa(rows[i].at), room, rows[i].length), expected);
    }
}
END_TEST

START_TEST(raw_arguments_are_checked)
{
    static const struct {
        uint64_t size, below;
        enum status expected;
    } rows[] = {{0, 0x1000, STATUS_TRUNCATED},
                {0x5000, 0, STATUS_MALFORMED},
                {0x5000, 0x1001, STATUS_MALFORMED},
                {0x5000, FOUR_GIB + 0x1000, STATUS_MALFORMED},
                {0x5000, FOUR_GIB, STATUS_OK}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct evidence evidence = {NULL, 0};
        memset(&image, 0xa5, sizeof image);
        enum status status = image_from_raw(file, rows[i].size, rows[i].below, &image, &evidence);
        ck_status(status, rows[i].expected);
        ck_assert(status == STATUS_OK || unit_all_bytes(&image, sizeof image, 0xa5));
        ck_assert((status == STATUS_OK) == (evidence.what == NULL));
    }
}
END_TEST

/* `last` is a hint: whatever it says, the right bytes come back. */
START_TEST(the_hint_is_not_trusted)
{
    unsigned char byte;
    fill_file();
    ck_status(image_from_raw(file, sizeof file, 0x3000, &image, NULL), STATUS_OK);
    struct guestmem memory = image_memory(&image);
    for (size_t hint = 0; hint < 5; hint++) {
        image.last = hint == 4 ? SIZE_MAX : hint;
        ck_status(guestmem_read(&memory, gpa(FOUR_GIB), &byte, 1), STATUS_OK);
        ck_assert_uint_eq(byte, file[0x3000]);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("image");
    TCase *tests = tcase_create("image");
    tcase_add_test(tests, raw_file_below_the_hole_is_one_segment);
    tcase_add_test(tests, raw_file_goes_on_at_4_gib);
    tcase_add_test(tests, reads_that_leave_ram_are_outside);
    tcase_add_test(tests, raw_arguments_are_checked);
    tcase_add_test(tests, the_hint_is_not_trusted);
    suite_add_tcase(suite, tests);
    return suite;
}
