/*
 * What the tests of the command line share: one main for all of them, and socket records to start
 * from.
 */
#ifndef TESTS_CLI_SUITE_H
#define TESTS_CLI_SUITE_H

#include <check.h>

#include "base/record/socket.h"

/* Each test file offers one suite. */
Suite *cli_suite(void);

/* A tuple of two addresses as text, both of the same version. */
struct socket_tuple tuple_of(const char *local, uint16_t local_port, const char *remote,
                             uint16_t remote_port);

/* A full socket in that state, with nothing known but its tuple; has_counters is false. */
struct socket_record record_of(enum tcp_state state, struct socket_tuple tuple);

#endif
