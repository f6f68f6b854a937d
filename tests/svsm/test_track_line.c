/* svsm/track/line.h: JSON whatever the values; IPv6 as inet_ntop, which follows RFC 5952. */
#include "track/line.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "suite.h"

static struct line line;

static const char *ended(void)
{
    ck_assert(line_end(&line));
    ck_assert_uint_lt(line.length, sizeof line.text);
    line.text[line.length] = '\0';
    return line.text;
}

START_TEST(a_line_of_each_kind)
{
    const unsigned char v4[16] = {10, 0, 2, 15};
    line_begin(&line, "flow-opened");
    line_number(&line, "zero", 0);
    line_number(&line, "most", UINT64_MAX);
    line_text(&line, "text", "ok");
    line_endpoint(&line, "l", v4, 4, 65535);
    ck_assert_str_eq(ended(), "{\"event.action\":\"flow-opened\",\"zero\":0,"
                              "\"most\":18446744073709551615,\"text\":\"ok\","
                              "\"l\":\"10.0.2.15:65535\"}\n");
}
END_TEST

START_TEST(text_is_escaped)
{
    line_begin(&line, "x");
    line_text(&line, "t", "a\"b\\c\n\x1f\x7f\xff~ ");
    ck_assert_str_eq(ended(), "{\"event.action\":\"x\",\"t\":\"a\\u0022b\\u005cc\\u000a\\u001f"
                              "\\u007f\\u00ff~ \"}\n");
}
END_TEST

static const char *const addresses[] = {"::",
                                        "::1",
                                        "1::",
                                        "fe80::1",
                                        "2001:db8::1",
                                        "2001:db8:0:1:1:1:1:1",
                                        "2001:0:0:1::1",
                                        "2001:db8::1:0:0:1",
                                        "1:2:3:4:5:6:7:8",
                                        "::2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:7::",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                                        "::ffff:192.0.2.128",
                                        "64:ff9b::102:304",
                                        "0:1::",
                                        "1:0:0:2:0:0:0:3",
                                        "fec0::15"};

START_TEST(ipv6_in_its_one_form)
{
    unsigned char bytes[16];
    char shortest[INET6_ADDRSTRLEN];
    char expected[128];
    ck_assert_int_eq(inet_pton(AF_INET6, addresses[_i], bytes), 1);
    ck_assert_ptr_nonnull(inet_ntop(AF_INET6, bytes, shortest, sizeof shortest));
    (void)snprintf(expected, sizeof expected, "{\"event.action\":\"x\",\"r\":\"[%s]:80\"}\n",
                   shortest);
    line_begin(&line, "x");
    line_endpoint(&line, "r", bytes, 6, 80);
    ck_assert_str_eq(ended(), expected);
}
END_TEST

/* All patterns of zero groups, but IPv4-compatible ones, which glibc writes in their old form. */
START_TEST(ipv6_zeros_anywhere)
{
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        if (pattern == 0x40 || pattern == 0xc0)
            continue;
        unsigned char bytes[16] = {0};
        char shortest[INET6_ADDRSTRLEN];
        for (size_t i = 0; i < 8; i++)
            bytes[2 * i] = (pattern >> i & 1) != 0 ? (unsigned char)(0x10 + i) : 0;
        ck_assert_ptr_nonnull(inet_ntop(AF_INET6, bytes, shortest, sizeof shortest));
        line_begin(&line, "x");
        line_endpoint(&line, "r", bytes, 6, 1);
        const char *text = ended() + sizeof "{\"event.action\":\"x\",\"r\":\"[" - 1;
        ck_assert_msg(strncmp(text, shortest, strlen(shortest)) == 0 &&
                          text[strlen(shortest)] == ']',
                      "%s is not %s", text, shortest);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_no_line)
{
    char text[LINE_SIZE + 10];
    memset(text, 'a', sizeof text);
    for (size_t length = LINE_SIZE - 60; length < sizeof text; length++) {
        text[length - 1] = 'a';
        text[length] = '\0';
        line_begin(&line, "x");
        line_text(&line, "t", text);
        bool fits = length + sizeof "{\"event.action\":\"x\",\"t\":\"\"}" <= LINE_SIZE;
        ck_assert_int_eq(line_end(&line), fits);
        ck_assert_uint_le(line.length, LINE_SIZE);
    }
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("track_line");
    TCase *tests = tcase_create("track_line");
    tcase_add_test(tests, a_line_of_each_kind);
    tcase_add_test(tests, text_is_escaped);
    tcase_add_loop_test(tests, ipv6_in_its_one_form, 0, sizeof addresses / sizeof *addresses);
    tcase_add_test(tests, ipv6_zeros_anywhere);
    tcase_add_test(tests, what_does_not_fit_is_no_line);
    suite_add_tcase(suite, tests);
    return suite;
}
