/*
 * What things are called: states as ss and as OpenTelemetry name them, addresses, the process
 * column of ss, the container in a cgroup path, counters. Pure functions.
 */
#ifndef CLI_NAMES_H
#define CLI_NAMES_H

#include "base/record/socket.h"
#include "kernel/layout.h"
#include "text.h"

enum {
    NAMES_ADDRESS_ROOM = 46,
    NAMES_CONTAINER_ROOM = 65
};

/* "ESTAB", "LISTEN", ...; "UNKNOWN" for a number that is not a state. */
const char *names_state_ss(uint8_t state);

/* "established", "listen", ...; NULL for a number that is not a state. */
const char *names_state_otel(uint8_t state);

/* Colour of the state on a terminal, as libsmartcols names it; NULL: none. */
const char *names_state_color(uint8_t state);

/* Adds an address without port: "127.0.0.1", "2001:db8::1". */
void names_address(struct text *text, const unsigned char address[16], uint8_t ip_version);

/* Adds one end as ss -n prints it: "[::ffff:10.0.0.1]:80", "0.0.0.0:*", "127.0.0.1%2:53". */
void names_local_end(struct text *text, const struct socket_record *socket);
void names_remote_end(struct text *text, const struct socket_record *socket);

/* Adds `users:(("nginx",pid=7,fd=6))`, with ",+N" for owners not listed; nothing for no owner. */
void names_owners(struct text *text, const struct socket_record *socket);

/* Whether the socket has an inode: a request has its listener's uid, but no inode. */
bool names_inode_known(const struct socket_record *socket);

/* Number of owners that a record lists. */
uint32_t names_owners_listed(const struct socket_record *socket);

/*
 * The container's id out of a cgroup path: the innermost run of exactly 64 hexadecimal digits that
 * makes up a name or ends it behind a dash: ".../docker/<id>", ".../docker-<id>.scope",
 * ".../cri-containerd-<id>.scope", ".../libpod-<id>.scope/container". False: none.
 */
MUST_CHECK bool names_container(const char *cgroup_path, char id[NAMES_CONTAINER_ROOM]);

/* A counter as /proc/net/snmp, snmp6, netstat and sockstat call it, and as a JSON key. */
const char *names_counter(enum kernel_counter counter);
const char *names_counter_key(enum kernel_counter counter);

#endif
