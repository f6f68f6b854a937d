/* base/checked.h, base/budget.h, base/bytes.h, base/addr.h: the small arithmetic. */
#include "base/addr.h"
#include "base/budget.h"
#include "base/bytes.h"
#include "base/checked.h"
#include "unit.h"

START_TEST(sums_and_products_that_wrap_are_refused)
{
    uint64_t r = 42;
    ck_assert(!checked_add(UINT64_MAX, 1, &r) && r == 42);
    ck_assert(!checked_mul(1ULL << 33, 1ULL << 31, &r) && r == 42);
    ck_assert(checked_add(UINT64_MAX - 1, 1, &r) && r == UINT64_MAX);
    ck_assert(checked_mul(1ULL << 32, 1ULL << 31, &r) && r == 1ULL << 63);
    ck_assert(checked_mul(0, UINT64_MAX, &r) && r == 0);
}
END_TEST

START_TEST(ranges)
{
    static const struct {
        uint64_t at, length, size;
        bool within;
    } rows[] = {{0, 0, 0, true},
                {0, 1, 0, false},
                {5, 5, 10, true},
                {5, 6, 10, false},
                {10, 0, 10, true},
                {11, 0, 10, false},
                {UINT64_MAX, 2, 10, false},
                {1, UINT64_MAX, 10, false},
                {UINT64_MAX, 0, UINT64_MAX, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(range_within(rows[i].at, rows[i].length, rows[i].size), rows[i].within);
}
END_TEST

START_TEST(budget_takes_all_or_nothing)
{
    struct budget budget = budget_of(3);
    ck_assert(budget_take(&budget, 2));
    ck_assert(!budget_take(&budget, 2));
    ck_assert_uint_eq(budget.left, 1);
    ck_assert_uint_eq(budget.used, 2);
    ck_assert(budget_take(&budget, 1));
    ck_assert(!budget_take(&budget, 1));
    ck_assert(budget_take(&budget, 0));
    ck_assert(!budget_take(&budget, UINT64_MAX));
    ck_assert_uint_eq(budget.used, 3);
}
END_TEST

START_TEST(loads_at_any_alignment)
{
    static const unsigned char b[] = {0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08};
    ck_assert_uint_eq(load_le16(b + 1), 0x0201);
    ck_assert_uint_eq(load_be16(b + 1), 0x0102);
    ck_assert_uint_eq(load_le32(b + 1), 0x04030201);
    ck_assert_uint_eq(load_le64(b + 1), 0x0807060504030201ULL);
}
END_TEST

START_TEST(text_and_bytes)
{
    char copy[4] = "abc";
    bytes_zero(copy, 2);
    ck_assert(bytes_equal(copy, "\0\0c", 4));
    bytes_copy(copy, "xy", 2);
    ck_assert(!bytes_equal(copy, "xyd", 4));
    ck_assert_uint_eq(text_length("abc", 4), 3); /* the NUL comes before the limit */
    ck_assert_uint_eq(text_length("abc", 2), 2);
    ck_assert_uint_eq(text_length("abc", 0), 0);
    static const struct {
        const char *text, *literal;
        size_t length;
        bool same;
    } rows[] = {{"abcd", "abc", 3, true}, {"abcd", "abc", 4, false}, {"abcd", "abc", 2, false},
                {"abx", "abc", 3, false}, {"x", "", 0, true},        {"", "abc", 0, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_int_eq(text_is(rows[i].text, rows[i].length, rows[i].literal), rows[i].same);
}
END_TEST

START_TEST(addresses_wrap_like_the_guest)
{
    ck_assert_uint_eq(gva_add(gva(UINT64_MAX), 2).v, 1);
    ck_assert_uint_eq(gpa_add(gpa(0x1000), (uint64_t)-0x10).v, 0xff0);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("checked");
    TCase *tests = tcase_create("checked");
    tcase_add_test(tests, sums_and_products_that_wrap_are_refused);
    tcase_add_test(tests, ranges);
    tcase_add_test(tests, budget_takes_all_or_nothing);
    tcase_add_test(tests, loads_at_any_alignment);
    tcase_add_test(tests, text_and_bytes);
    tcase_add_test(tests, addresses_wrap_like_the_guest);
    suite_add_tcase(suite, tests);
    return suite;
}
