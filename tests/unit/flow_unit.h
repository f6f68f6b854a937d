/* What the tests of lib/flow share: sockets as walks see them, a table, and what it has told. */
#ifndef UNIT_FLOW_UNIT_H
#define UNIT_FLOW_UNIT_H

#include "flow/table.h"
#include "unit.h"

enum {
    FLOW_EVENTS_MAX = 4096,
    FLOW_NETNS = 4026531840U
};

/* A tuple of two addresses as text, both of the same version. */
struct socket_tuple flow_tuple(const char *local, uint16_t local_port, const char *remote,
                               uint16_t remote_port);

/* A full socket of that tuple, at an address of its port's own; no details are known. */
struct socket_record flow_socket(enum tcp_state state, struct socket_tuple tuple);

#endif
