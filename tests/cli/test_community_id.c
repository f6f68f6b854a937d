/* Community ID: the vectors of its specification, both ways round. */
#include "community_id.h"
#include "suite.h"

static const struct {
    const char *from, *to, *id;
    uint16_t from_port, to_port;
    uint8_t protocol;
} vectors[] = {
    {"128.232.110.120", "66.35.250.204", "1:LQU9qZlK+B5F3KDmev6m5PMibrg=", 34855, 80, 6},
    {"2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a",
     "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=", 63943, 25, 6},
    {"192.168.1.52", "8.8.8.8", "1:d/FP5EW3wiY1vCndhwleRRKHowQ=", 54585, 53, 17},
};

enum {
    VECTORS = sizeof vectors / sizeof vectors[0]
};

START_TEST(specified)
{
    struct socket_tuple tuple =
        tuple_of(vectors[_i].from, vectors[_i].from_port, vectors[_i].to, vectors[_i].to_port);
    char id[COMMUNITY_ID_SIZE];

    ck_assert(community_id(&tuple, vectors[_i].protocol, id));
    ck_assert_str_eq(id, vectors[_i].id);
}
END_TEST

START_TEST(both_directions_have_one_id)
{
    struct socket_tuple tuple =
        tuple_of(vectors[_i].to, vectors[_i].to_port, vectors[_i].from, vectors[_i].from_port);
    char id[COMMUNITY_ID_SIZE];

    ck_assert(community_id(&tuple, vectors[_i].protocol, id));
    ck_assert_str_eq(id, vectors[_i].id);
}
END_TEST

START_TEST(ports_order_equal_addresses)
{
    struct socket_tuple tuple = tuple_of("127.0.0.1", 80, "127.0.0.1", 40000);
    struct socket_tuple reverse = tuple_of("127.0.0.1", 40000, "127.0.0.1", 80);
    char id[COMMUNITY_ID_SIZE];
    char reverse_id[COMMUNITY_ID_SIZE];

    ck_assert(community_id(&tuple, COMMUNITY_ID_TCP, id));
    ck_assert(community_id(&reverse, COMMUNITY_ID_TCP, reverse_id));
    ck_assert_str_eq(id, reverse_id);
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("community_id");
    TCase *tests = tcase_create("all");

    tcase_add_loop_test(tests, specified, 0, VECTORS);
    tcase_add_loop_test(tests, both_directions_have_one_id, 0, VECTORS);
    tcase_add_test(tests, ports_order_equal_addresses);
    suite_add_tcase(suite, tests);
    return suite;
}
