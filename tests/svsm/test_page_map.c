/* Which pages of L2 svsm believes to be private. */
#include "mem/page_map.h"
#include "suite.h"

#define PAGE 4096ULL
#define TOP  (1000 * PAGE)

static uint64_t room[16];

static void setup(void)
{
    ck_assert_uint_le(page_map_size(TOP), sizeof room);
    memset(room, 0, sizeof room);
    page_map_start(room, TOP);
}

START_TEST(nothing_is_private_at_first)
{
    ck_assert(!page_map_all(gpa(0), 1));
    ck_assert(page_map_all(gpa(0), 0));
}
END_TEST

START_TEST(ranges_across_words)
{
    page_map_set(gpa(60 * PAGE), 200 * PAGE, true);
    ck_assert(page_map_all(gpa(60 * PAGE), 200 * PAGE));
    ck_assert(!page_map_all(gpa(60 * PAGE - 1), 2));
    ck_assert(!page_map_all(gpa(260 * PAGE - 1), 2));
    page_map_set(gpa(128 * PAGE), 64 * PAGE, false);
    ck_assert(page_map_all(gpa(127 * PAGE), PAGE));
    ck_assert(!page_map_all(gpa(127 * PAGE), PAGE + 1));
    ck_assert(!page_map_all(gpa(191 * PAGE), 1));
    ck_assert(page_map_all(gpa(192 * PAGE), PAGE));
}
END_TEST

START_TEST(the_top_bounds_both)
{
    page_map_set(gpa(990 * PAGE), 1ULL << 40, true);
    ck_assert(page_map_all(gpa(990 * PAGE), 10 * PAGE));
    ck_assert(!page_map_all(gpa(990 * PAGE), 10 * PAGE + 1));
    ck_assert(!page_map_all(gpa(1ULL << 45), 1));
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-page_map");
    TCase *tests = tcase_create("page_map");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, nothing_is_private_at_first);
    tcase_add_test(tests, ranges_across_words);
    tcase_add_test(tests, the_top_bounds_both);
    suite_add_tcase(suite, tests);
    return suite;
}
