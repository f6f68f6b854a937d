#include "flow_unit.h"

#include <arpa/inet.h>

struct socket_tuple flow_tuple(const char *local, uint16_t local_port, const char *remote,
                               uint16_t remote_port)
{
    int family = strchr(local, ':') == NULL ? AF_INET : AF_INET6;
    struct socket_tuple tuple = {.local_port = local_port,
                                 .remote_port = remote_port,
                                 .ip_version = family == AF_INET ? 4 : 6};
    ck_assert_int_eq(inet_pton(family, local, tuple.local), 1);
    ck_assert_int_eq(inet_pton(family, remote, tuple.remote), 1);
    return tuple;
}

struct socket_record flow_socket(enum tcp_state state, struct socket_tuple tuple)
{
    return (struct socket_record){.tuple = tuple,
                                  .sock = gva(0xffff888000000000ULL + 4096ULL * tuple.local_port),
                                  .netns = FLOW_NETNS,
                                  .state = (uint8_t)state,
                                  .object = SOCKET_FULL,
                                  .check = SOCKET_KEYED};
}
