/* Ends as ss prints them, the process column, containers. */
#include <string.h>

#include "names.h"
#include "suite.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void local_end_is(const struct socket_record *socket, const char *expected)
{
    char room[96];
    struct text text = text_in(room, sizeof room);

    names_local_end(&text, socket);
    ck_assert_str_eq(room, expected);
}

START_TEST(ends_are_written_as_ss_writes_them)
{
    struct socket_record socket =
        record_of(TCP_STATE_ESTABLISHED, tuple_of("127.0.0.1", 53, "127.0.0.1", 0));
    char room[96];
    struct text text = text_in(room, sizeof room);

    names_remote_end(&text, &socket);
    ck_assert_str_eq(room, "127.0.0.1:*");
    local_end_is(&socket, "127.0.0.1:53");
    socket.bound_if = 2;
    local_end_is(&socket, "127.0.0.1%2:53");
    socket.bound_if = 0;
    socket.mapped = socket.v6_socket = true;
    local_end_is(&socket, "[::ffff:127.0.0.1]:53");
    socket = record_of(TCP_STATE_LISTEN, tuple_of("::", 22, "::", 0));
    local_end_is(&socket, "[::]:22");
}
END_TEST

START_TEST(every_state_has_both_names)
{
    for (unsigned state = TCP_STATE_ESTABLISHED; state < TCP_STATE_COUNT; state++) {
        ck_assert_str_ne(names_state_ss((uint8_t)state), "UNKNOWN");
        ck_assert_ptr_nonnull(names_state_otel((uint8_t)state));
    }
    ck_assert_str_eq(names_state_ss(0), "UNKNOWN");
    ck_assert_str_eq(names_state_ss(255), "UNKNOWN");
    ck_assert_ptr_null(names_state_otel(255));
}
END_TEST

START_TEST(owners_beyond_the_list_are_counted)
{
    struct socket_record socket =
        record_of(TCP_STATE_LISTEN, tuple_of("0.0.0.0", 80, "0.0.0.0", 0));
    char room[256];
    struct text text = text_in(room, sizeof room);

    names_owners(&text, &socket);
    ck_assert_str_eq(room, "");
    socket.owner_count = 6;
    for (uint32_t i = 0; i < SOCKET_OWNERS_MAX; i++)
        socket.owners[i] = (struct socket_owner){.pid = 10 + i, .fd = 3, .comm = "a\"b"};
    names_owners(&text, &socket);
    ck_assert_str_eq(room, "users:((\"a\\x22b\",pid=10,fd=3),(\"a\\x22b\",pid=11,fd=3),"
                           "(\"a\\x22b\",pid=12,fd=3),(\"a\\x22b\",pid=13,fd=3),+2)");
}
END_TEST

START_TEST(containers_are_found_in_cgroup_paths)
{
    static const struct {
        const char *path;
        bool found;
    } cases[] = {
        {"/docker/" ID, true},
        {"/system.slice/docker-" ID ".scope", true},
        {"/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope", true},
        {"/machine.slice/libpod-" ID ".scope/container", true},
        {"/" ID ID, false},
        {"/x" ID, false},
        {"/docker/" ID "x", false},
        {"/user.slice/user-0.slice", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char id[NAMES_CONTAINER_ROOM];
        bool found = names_container(cases[i].path, id);
        ck_assert_msg(found == cases[i].found, "%s", cases[i].path);
        if (found)
            ck_assert_str_eq(id, ID);
    }
}
END_TEST

Suite *cli_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, ends_are_written_as_ss_writes_them);
    tcase_add_test(tests, every_state_has_both_names);
    tcase_add_test(tests, owners_beyond_the_list_are_counted);
    tcase_add_test(tests, containers_are_found_in_cgroup_paths);
    suite_add_tcase(suite, tests);
    return suite;
}
