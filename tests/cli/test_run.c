/* Parts of `tdx-tracker run` that need no machine: periods, lines, memory, headers of kernels. */
#include <string.h>

#include "run_bzimage.h"
#include "run_lines.h"
#include "run_memory.h"
#include "run_options.h"
#include "suite.h"
#include "text.h"

static const struct {
    const char *text;
    uint64_t us; /* 0: refused */
} periods[] = {
    {"500us", 500}, {"100ms", 100000}, {"1s", 1000000}, {"60m", 3600000000},
    {"", 0},        {"ms", 0},         {"1", 0},        {"1 s", 0},
    {"-1s", 0},     {"1ss", 0},        {"0x1s", 0},     {"18446744073709551615s", 0},
};

START_TEST(periods_are_numbers_with_a_unit)
{
    uint64_t us = 0;

    ck_assert_int_eq(run_period(periods[_i].text, &us), periods[_i].us != 0);
    ck_assert_uint_eq(us, periods[_i].us);
}
END_TEST

static const struct {
    uint64_t td, machine;
} machines[] = {
    {256, 2816},
    {661, 2816},
    {662, 2048 + 662 + 96 + 11},
    {1024, 2048 + 1024 + 96 + 16},
    {1025, 2048 + 1025 + 96 + 17},
    {2016, 2048 + 2016 + 96 + 32},
    {2017, 2048 + 1 + 2017 + 96 + 32},
    {4096, 2048 + 2080 + 4096 + 96 + 64},
};

START_TEST(a_machine_backs_every_page_of_the_td_twice)
{
    ck_assert_uint_eq(run_memory_machine(machines[_i].td), machines[_i].machine);
}
END_TEST

START_TEST(what_fits_is_told_without_overflow)
{
    struct bzimage image = {.load_address = 16 << 20, .init_size = 32 << 20};

    ck_assert(run_memory_fits(256, &image, 208 << 20));
    ck_assert(!run_memory_fits(256, &image, (208 << 20) + 1));
    ck_assert(!run_memory_fits(1 << 20, &image, 2016U << 20));
    ck_assert(!run_memory_fits(256, &image, UINT64_MAX));
    image.init_size = UINT64_MAX;
    ck_assert(!run_memory_fits(256, &image, 0));
    image.load_address = UINT64_MAX;
    ck_assert(!run_memory_fits(256, &image, 0));
}
END_TEST

/* The header is cut at every length, and its file at its end. */
START_TEST(a_short_kernel_is_refused)
{
    unsigned char head[BZIMAGE_HEAD] = {
        [0x1f1] = 1,   [0x1f4] = 2,   [0x202] = 'H',  [0x203] = 'd', [0x204] = 'r',
        [0x205] = 'S', [0x206] = 0xf, [0x207] = 0x02, [0x211] = 1,   [0x236] = 1};
    struct bzimage image = {.payload = 7};
    struct evidence evidence = {.what = ""};

    for (size_t size = 0; size < sizeof head; size++)
        ck_assert_int_ne(bzimage_parse(head, size, 4096, &image, &evidence), STATUS_OK);
    ck_assert_int_eq(bzimage_parse(head, sizeof head, 1024, &image, &evidence), STATUS_TRUNCATED);
    ck_assert_str_eq(evidence.what, "is truncated: copy the file again");
    ck_assert_uint_eq(image.payload, 7);
    ck_assert_int_eq(bzimage_parse(head, sizeof head, 1056, &image, &evidence), STATUS_OK);
    ck_assert_uint_eq(image.payload, 1024);
}
END_TEST

static void collect(void *context, const char *line)
{
    text_add(context, "%.8s:%zu|", line, strlen(line));
}

START_TEST(lines_may_come_in_pieces)
{
    static struct run_lines lines;
    char all[256];
    struct text text = text_in(all, sizeof all);

    lines = (struct run_lines){.line = collect, .context = &text};
    run_lines_add(&lines, "on", 2);
    run_lines_add(&lines, "e\n\ntw", 5);
    run_lines_add(&lines, "o", 1);
    ck_assert_str_eq(all, "one:3|:0|");
    run_lines_end(&lines);
    run_lines_end(&lines);
    ck_assert_str_eq(all, "one:3|:0|two:3|");
}
END_TEST

START_TEST(a_long_line_is_cut)
{
    static struct run_lines lines;
    char all[256];
    struct text text = text_in(all, sizeof all);

    lines = (struct run_lines){.line = collect, .context = &text};
    for (size_t i = 0; i < 2UL * RUN_LINE_ROOM; i++)
        run_lines_add(&lines, "x", 1);
    run_lines_add(&lines, "\nnext\n", 6);
    ck_assert_str_eq(all, "xxxxxxxx:8191|next:4|");
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("run");
    TCase *tests = tcase_create("run");

    tcase_add_loop_test(tests, periods_are_numbers_with_a_unit, 0,
                        sizeof periods / sizeof periods[0]);
    tcase_add_loop_test(tests, a_machine_backs_every_page_of_the_td_twice, 0,
                        sizeof machines / sizeof machines[0]);
    tcase_add_test(tests, what_fits_is_told_without_overflow);
    tcase_add_test(tests, a_short_kernel_is_refused);
    tcase_add_test(tests, lines_may_come_in_pieces);
    tcase_add_test(tests, a_long_line_is_cut);
    suite_add_tcase(suite, tests);
    return suite;
}
