/* Hostile bytes, sizes, CSV fields. */
#include <string.h>

#include "rows_csv.h"
#include "suite.h"
#include "text.h"

static const struct {
    const char *bytes, *also, *escaped;
} escapes[] = {
    {"nginx: worker", "", "nginx: worker"},
    {"\x1b[2J\x07", "", "\\x1b[2J\\x07"},
    {"a\nb\rc\td\x7f", "", "a\\x0ab\\x0dc\\x09d\\x7f"},
    {"caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x90\xa7", "", "caf\xc3\xa9 \xe6\xbc\xa2 \xf0\x9f\x90\xa7"},
    {"\xc2\x9b"
     "2J",
     "", "\\xc2\\x9b2J"}, /* CSI as a C1 control */
    {"\xe2\x80\xae"
     "x",
     "", "\\xe2\\x80\\xaex"},                /* right-to-left override */
    {"\xe2\x80\xa8", "", "\\xe2\\x80\\xa8"}, /* line separator */
    {"\xff\xfe", "", "\\xff\\xfe"},
    {"\xc3", "", "\\xc3"},                            /* cut off */
    {"\xc0\xaf", "", "\\xc0\\xaf"},                   /* longer than need be */
    {"\xed\xa0\x80", "", "\\xed\\xa0\\x80"},          /* surrogate */
    {"\xf4\x90\x80\x80", "", "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
    {"a\",pid=1", "\"", "a\\x22,pid=1"},
    {"/system-getty\\x2dtty1", "", "/system-getty\\x2dtty1"},
};

START_TEST(hostile_bytes_become_printable)
{
    char room[128];
    struct text text = text_in(room, sizeof room);

    text_escape(&text, escapes[_i].bytes, strlen(escapes[_i].bytes), escapes[_i].also);
    ck_assert_str_eq(room, escapes[_i].escaped);
}
END_TEST

START_TEST(escapes_are_never_cut)
{
    char room[8];
    struct text text = text_in(room, sizeof room);

    text_escape(&text, "ab\x01\x02", 4, "");
    ck_assert_str_eq(room, "ab\\x01");
    ck_assert_uint_eq(text.length, 6);
}
END_TEST

START_TEST(text_that_does_not_fit_is_left_off)
{
    char room[8];
    struct text text = text_in(room, sizeof room);

    text_add(&text, "%s", "0123456789");
    text_add(&text, "more");
    ck_assert_str_eq(room, "0123456");
    ck_assert_uint_eq(text.length, 7);
}
END_TEST

static const struct {
    const char *text;
    uint64_t bytes; /* 0: refused */
} sizes[] = {
    {"4096", 4096},
    {"2G", 0x80000000},
    {"3072M", 0xc0000000},
    {"64k", 65536},
    {"1T", UINT64_C(1) << 40},
    {"0xb0000000", 0xb0000000},
    {"18446744073709551615", UINT64_MAX},
    {"18446744073709551616", 0},
    {"16777216T", 0},
    {"0", 0},
    {"0x", 0},
    {"0x10G", 0},
    {"", 0},
    {"G", 0},
    {"2GB", 0},
    {"2.5G", 0},
    {"-1", 0},
    {" 1", 0},
    {"+1", 0},
};

START_TEST(sizes_are_read_whole_or_refused)
{
    uint64_t bytes = 42;
    bool accepted = text_to_size(sizes[_i].text, &bytes);

    ck_assert_int_eq(accepted, sizes[_i].bytes != 0);
    ck_assert_uint_eq(bytes, accepted ? sizes[_i].bytes : 42);
}
END_TEST

START_TEST(sizes_are_written_for_people)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {12, "12 bytes"},
        {655360, "640 KiB"},
        {1610612736, "1536 MiB"},
        {UINT64_C(33) << 29, "16.50 GiB"},
        {(UINT64_C(5) << 30) - 131072, "5119.88 MiB"},
        {UINT64_C(64) << 30, "64 GiB"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[32];
        struct text text = text_in(room, sizeof room);
        text_add_size(&text, cases[i].bytes);
        ck_assert_str_eq(room, cases[i].text);
    }
}
END_TEST

START_TEST(csv_fields_are_quoted_when_they_must_be)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"nginx", "nginx"},
        {"a,b", "\"a,b\""},
        {"say \"hi\"", "\"say \"\"hi\"\"\""},
        {"two\nlines", "\"two\nlines\""},
        {" padded", "\" padded\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char room[64];
        struct text text = text_in(room, sizeof room);
        csv_field(&text, cases[i][0]);
        ck_assert_str_eq(room, cases[i][1]);
    }
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("text");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, hostile_bytes_become_printable, 0,
                        sizeof escapes / sizeof escapes[0]);
    tcase_add_test(tests, escapes_are_never_cut);
    tcase_add_test(tests, text_that_does_not_fit_is_left_off);
    tcase_add_loop_test(tests, sizes_are_read_whole_or_refused, 0, sizeof sizes / sizeof sizes[0]);
    tcase_add_test(tests, sizes_are_written_for_people);
    tcase_add_test(tests, csv_fields_are_quoted_when_they_must_be);
    suite_add_tcase(suite, tests);
    return suite;
}
