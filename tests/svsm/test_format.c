/* The text of svsm's lines, held against the C library's. */
#include <stdio.h>

#include "arch/print.h"
#include "suite.h"

static char text[64];

static size_t format(const char *how, ...)
{
    va_list arguments;
    va_start(arguments, how);
    size_t length = format_text(text, sizeof text, how, arguments);
    va_end(arguments);
    return length;
}

#define ck_same(...)                                                                               \
    do {                                                                                           \
        char wanted[64];                                                                           \
        int length = snprintf(wanted, sizeof wanted, __VA_ARGS__);                                 \
        ck_assert_uint_eq(format(__VA_ARGS__), (size_t)length);                                    \
        ck_assert_str_eq(text, wanted);                                                            \
    } while (0)

START_TEST(as_the_c_library)
{
    ck_same("%s|%c|%%", "abc", 'x');
    ck_same("%d %d %ld", -1, 2147483647, (long)1 << 62);
    ck_same("%ld", (long)(1UL << 63));
    ck_same("%u %lu", 4294967295U, 18446744073709551615UL);
    ck_same("%x %lx %02x %08x %5u", 0xdeadU, 0x123456789abcUL, 7U, 0xfU, 42U);
}
END_TEST

START_TEST(long_text_is_cut)
{
    ck_assert_uint_eq(format("%s%s", "0123456789012345678901234567890123456789",
                             "0123456789012345678901234567890123456789"),
                      sizeof text - 1);
    ck_assert_uint_eq(strlen(text), sizeof text - 1);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-format");
    TCase *tests = tcase_create("format");
    tcase_add_test(tests, as_the_c_library);
    tcase_add_test(tests, long_text_is_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
