/* run_flow.h: lines that come through the host are read within bounds, or refused. */
#include "run_flow.h"

#include <string.h>

#include "run_event.h"
#include "suite.h"
#include "text.h"

#define HEAD "{\"event.action\":\"flow-opened\",\"event.sequence\":1,\"us\":5"
#define ENDS ",\"l\":\"10.0.2.15:41954\",\"r\":\"10.0.2.2:80\""

static bool parse(const char *line, struct flow_record *flow)
{
    struct json_object *object = run_event_object(line);
    bool parsed = object != NULL && run_flow_parse(object, flow);

    json_object_put(object);
    return parsed;
}

static const char *const refused[] = {
    "{}",
    HEAD "}",
    "{\"event.action\":\"flow-odd\",\"event.sequence\":1,\"us\":5" ENDS "}",
    "{\"event.action\":\"flow-opened\",\"us\":5" ENDS "}",
    "{\"event.action\":\"flow-opened\",\"event.sequence\":1" ENDS "}",
    "{\"event.action\":\"flow-opened\",\"event.sequence\":-1,\"us\":5" ENDS "}",
    "{\"event.action\":\"flow-opened\",\"event.sequence\":\"1\",\"us\":5" ENDS "}",
    "{\"event.action\":\"flow-opened\",\"event.sequence\":1,\"us\":18446744073709551615" ENDS "}",
    HEAD ",\"l\":\"10.0.2.15:41954\"}",
    HEAD ",\"l\":7,\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\":\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"[\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"[:1\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"[]:1\",\"r\":\"[::1]:80\"}",
    HEAD ",\"l\":\"10.0.2.15\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"10.0.2.15:\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"10.0.2.15:-1\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"10.0.2.15: 1\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"10.0.2.15:65536\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"10.0.2.15:99999999999999999999\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"10.0.2.256:1\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"[::1]:1\",\"r\":\"10.0.2.2:80\"}",
    HEAD ",\"l\":\"[10.0.2.15]:1\",\"r\":\"[::1]:80\"}",
    HEAD ",\"l\":\"::1:1\",\"r\":\"[::1]:80\"}",
    HEAD ",\"l\":\"[fe80::1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa]:1\","
         "\"r\":\"[::1]:80\"}",
};

START_TEST(what_is_no_flow_is_refused)
{
    struct flow_record flow;
    struct flow_record before;

    memset(&flow, 0x5a, sizeof flow);
    before = flow;
    ck_assert_msg(!parse(refused[_i], &flow), "%s", refused[_i]);
    ck_assert_mem_eq(&flow, &before, sizeof flow);
}
END_TEST

START_TEST(what_makes_no_sense_is_not_known)
{
    struct flow_record flow;

    ck_assert(parse(HEAD ENDS
                    ",\"state\":\"odd\",\"netns\":4294967296,\"cookie\":-1,\"dir\":\"up\","
                    "\"close\":\"maybe\",\"sent\":1,\"received\":\"2\",\"uid\":4294967296,"
                    "\"pid\":{},\"comm\":3,\"cgroup\":[]}",
                    &flow));
    ck_assert_uint_eq(flow.state, 0);
    ck_assert(flow.netns == 0 && flow.cookie == 0);
    ck_assert_uint_eq(flow.direction, FLOW_UNDIRECTED);
    ck_assert_uint_eq(flow.close, FLOW_CLOSE_UNKNOWN);
    ck_assert(!flow.has_bytes && !flow.has_uid && !flow.has_process);
    ck_assert_str_eq(flow.comm, "");
    ck_assert_str_eq(flow.cgroup, "");
}
END_TEST

START_TEST(names_are_cut_to_their_room)
{
    static char line[2048];
    struct flow_record flow;
    struct text text = text_in(line, sizeof line);

    text_add(&text, "%s%s,\"comm\":\"%0100d\",\"cgroup\":\"%01000d\"}", HEAD, ENDS, 7, 7);
    ck_assert(parse(line, &flow));
    ck_assert_uint_eq(strlen(flow.comm), SOCKET_COMM_SIZE - 1);
    ck_assert_uint_eq(strlen(flow.cgroup), SOCKET_CGROUP_SIZE - 1);
}
END_TEST

/* svsm writes no character from U+0100 on, nor half of one. */
START_TEST(other_characters_are_marked)
{
    struct flow_record flow;

    ck_assert(parse(HEAD ENDS ",\"comm\":\"a\\u00e9\\u20acb\\ud83dc\\u0000d\"}", &flow));
    ck_assert_int_eq(flow.comm[0], 'a');
    ck_assert_int_eq((unsigned char)flow.comm[1], 0xe9);
    ck_assert_str_eq(flow.comm + 2, "\?\?\?b\?\?\?c");
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("run flow");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, what_is_no_flow_is_refused, 0, sizeof refused / sizeof refused[0]);
    tcase_add_test(tests, what_makes_no_sense_is_not_known);
    tcase_add_test(tests, names_are_cut_to_their_room);
    tcase_add_test(tests, other_characters_are_marked);
    suite_add_tcase(suite, tests);
    return suite;
}
