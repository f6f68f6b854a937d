/* What the tests of lib/flow share: sockets as walks see them, a table, and what it has told. */
#ifndef UNIT_FLOW_UNIT_H
#define UNIT_FLOW_UNIT_H

#include "flow/table.h"
#include "unit.h"

enum {
    FLOW_EVENTS_MAX = 4096,
    FLOW_NETNS = 4026531840U
};

/* Events, copied: a record is gone after the call. */
struct flow_told {
    struct flow_record events[FLOW_EVENTS_MAX];
    size_t count;
};

extern struct flow_told told;
extern struct flow_table table;

/*
 * `table` in exactly as much memory as it asks for, which begins with other bytes than zeros; the
 * options' room of flows may be 0: 16 flows, 8 listeners, 4 cgroups.
 */
void flow_set_up(const struct flow_options *options);
void flow_set_up_usual(void);
void flow_tear_down(void);

/* The actions told since, as letters: Opened, Updated, Closed, Attempted. */
const char *flow_story(void);

/* The last event. */
const struct flow_record *flow_last(void);

/* A tuple of two addresses as text, both of the same version. */
struct socket_tuple flow_tuple(const char *local, uint16_t local_port, const char *remote,
                               uint16_t remote_port);

/* A full socket of that tuple, at an address of its port's own; no details are known. */
struct socket_record flow_socket(enum tcp_state state, struct socket_tuple tuple);

/* One from 10.0.2.15 and that port, established. */
struct socket_record flow_endpoint(uint16_t port);

/* What it becomes at its end, at another address. */
struct socket_record flow_waiting(uint16_t port, uint64_t at, uint32_t sequence);

/* What it was, when it comes from outside. */
struct socket_record flow_request(uint16_t port);

/* The listener on that port, of all addresses. */
struct socket_record flow_listener(uint16_t port);

/* A complete walk at `now` that sees at most one socket. */
void flow_walk(uint64_t now, const struct socket_record *record);

#endif
