#include "suite.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static void set_address(unsigned char to[16], const char *text)
{
    int family = strchr(text, ':') == NULL ? AF_INET : AF_INET6;

    ck_assert_int_eq(inet_pton(family, text, to), 1);
}

struct socket_tuple tuple_of(const char *local, uint16_t local_port, const char *remote,
                             uint16_t remote_port)
{
    struct socket_tuple tuple = {.local_port = local_port, .remote_port = remote_port};

    set_address(tuple.local, local);
    set_address(tuple.remote, remote);
    tuple.ip_version = strchr(local, ':') == NULL ? 4 : 6;
    return tuple;
}

struct socket_record record_of(enum tcp_state state, struct socket_tuple tuple)
{
    return (struct socket_record){.tuple = tuple,
                                  .net = {0xffff888000001000},
                                  .netns = 4026531840,
                                  .state = (uint8_t)state,
                                  .object = SOCKET_FULL,
                                  .check = SOCKET_KEYED,
                                  .v6_socket = tuple.ip_version == 6};
}

int main(void)
{
    SRunner *runner = srunner_create(cli_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
