/* base/cursor.h: reads move only when they fit, numbers as text are whole and bounded. */
#include "base/cursor.h"
#include "unit.h"

static const unsigned char bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};

START_TEST(little_endian_loads)
{
    struct cursor c = cursor_over(bytes, sizeof bytes);
    uint16_t h;
    uint32_t w;
    ck_assert(cursor_skip(&c, 1));
    ck_assert(cursor_le16(&c, &h));
    ck_assert_uint_eq(h, 0x0302);
    ck_assert(cursor_le32(&c, &w));
    ck_assert_uint_eq(w, 0x07060504);
    ck_assert_uint_eq(cursor_left(&c), 2);
    uint64_t d;
    c = cursor_over(bytes, sizeof bytes);
    ck_assert(cursor_skip(&c, 1) && cursor_le64(&c, &d));
    ck_assert_uint_eq(d, 0x0908070605040302ULL);
}
END_TEST

/* Every typed read at every size that is too small. */
START_TEST(reads_that_do_not_fit_move_nothing)
{
    uint64_t room = 0xa5a5a5a5a5a5a5a5ULL;
    for (size_t size = 0; size < 8; size++) {
        struct cursor c = cursor_over(bytes, size);
        const unsigned char *p = NULL;
        ck_assert(!cursor_le64(&c, &room));
        ck_assert(size >= 4 || !cursor_le32(&c, (uint32_t *)&room));
        ck_assert(size >= 2 || !cursor_le16(&c, (uint16_t *)&room));
        ck_assert(!cursor_bytes(&c, size + 1, &p));
        ck_assert(!cursor_skip(&c, size + 1));
        ck_assert(!cursor_skip(&c, UINT64_MAX));
        ck_assert(!cursor_seek(&c, size + 1));
        ck_assert(!cursor_seek(&c, UINT64_MAX));
        ck_assert_uint_eq(room, 0xa5a5a5a5a5a5a5a5ULL);
        ck_assert_ptr_null(p);
        ck_assert_uint_eq(c.at, 0);
    }
}
END_TEST

START_TEST(skips_at_the_very_end_do_not_wrap)
{
    struct cursor c = cursor_over(bytes, sizeof bytes);
    ck_assert(cursor_seek(&c, sizeof bytes));
    ck_assert_uint_eq(cursor_left(&c), 0);
    ck_assert(!cursor_skip(&c, UINT64_MAX - sizeof bytes + 2));
    ck_assert(cursor_skip(&c, 0));
    ck_assert_uint_eq(c.at, sizeof bytes);
}
END_TEST

START_TEST(text_ends_at_the_stop_or_the_end)
{
    struct cursor c = cursor_over("a=b\n\nlast", 9);
    const char *text;
    size_t length;
    ck_assert(cursor_text(&c, '\n', &text, &length));
    ck_assert(length == 3 && memcmp(text, "a=b", 3) == 0);
    ck_assert(cursor_text(&c, '\n', &text, &length));
    ck_assert_uint_eq(length, 0);
    ck_assert(cursor_text(&c, '\n', &text, &length));
    ck_assert(length == 4 && memcmp(text, "last", 4) == 0);
    length = 77;
    ck_assert(!cursor_text(&c, '\n', &text, &length));
    ck_assert_uint_eq(length, 77);
}
END_TEST

START_TEST(unsigned_numbers)
{
    static const struct {
        const char *text;
        uint64_t maximum, value;
        unsigned base;
        bool valid;
    } rows[] = {{"0", 0, 0, 10, true},
                {"255", 255, 255, 10, true},
                {"256", 255, 0, 10, false},
                {"ff", 255, 255, 16, true},
                {"FF", 255, 255, 16, true},
                {"0x1", 255, 0, 16, false},
                {"g", 255, 0, 16, false},
                {"101", 7, 5, 2, true},
                {"2", 7, 0, 2, false},
                {"", 7, 0, 10, false},
                {"-1", 7, 0, 10, false},
                {"+1", 7, 0, 10, false},
                {" 1", 7, 0, 10, false},
                {"1 ", 7, 0, 10, false},
                {"18446744073709551615", UINT64_MAX, UINT64_MAX, 10, true},
                {"18446744073709551616", UINT64_MAX, 0, 10, false},
                {"ffffffffffffffff", UINT64_MAX, UINT64_MAX, 16, true},
                {"10000000000000000", UINT64_MAX, 0, 16, false},
                {"99999999999999999999999", UINT64_MAX, 0, 10, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 42;
        bool valid =
            text_to_u64(rows[i].text, strlen(rows[i].text), rows[i].base, rows[i].maximum, &value);
        ck_assert_msg(valid == rows[i].valid, "%s", rows[i].text);
        ck_assert_uint_eq(value, valid ? rows[i].value : 42);
    }
}
END_TEST

START_TEST(signed_numbers)
{
    static const struct {
        const char *text;
        int64_t value;
        bool valid;
    } rows[] = {{"0", 0, true},
                {"-41943040", -41943040, true},
                {"9223372036854775807", INT64_MAX, true},
                {"9223372036854775808", 0, false},
                {"-9223372036854775808", INT64_MIN, true},
                {"-9223372036854775809", 0, false},
                {"-", 0, false},
                {"", 0, false},
                {"--1", 0, false},
                {"+1", 0, false},
                {"1a", 0, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t value = 42;
        bool valid = text_to_i64(rows[i].text, strlen(rows[i].text), &value);
        ck_assert_msg(valid == rows[i].valid, "%s", rows[i].text);
        ck_assert_int_eq(value, valid ? rows[i].value : 42);
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("cursor");
    TCase *tests = tcase_create("cursor");
    tcase_add_test(tests, little_endian_loads);
    tcase_add_test(tests, reads_that_do_not_fit_move_nothing);
    tcase_add_test(tests, skips_at_the_very_end_do_not_wrap);
    tcase_add_test(tests, text_ends_at_the_stop_or_the_end);
    tcase_add_test(tests, unsigned_numbers);
    tcase_add_test(tests, signed_numbers);
    suite_add_tcase(suite, tests);
    return suite;
}
