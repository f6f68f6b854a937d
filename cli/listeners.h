/*
 * The listening sockets of a guest, remembered to tell which side opened a connection.
 *
 * A walk hands out every listener before the first connection; they are sorted at the first
 * question, so that no choice of addresses by the guest makes an answer slow.
 */
#ifndef CLI_LISTENERS_H
#define CLI_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record/socket.h"
#include "base/status.h"

struct listener {
    uint64_t net; /* address of struct net */
    unsigned char address[16];
    uint16_t port;
    uint8_t ip_version;
};

struct listeners {
    struct listener *entries;
    size_t room;
    size_t count;
    uint64_t missed; /* for which there was no room */
    bool sorted;
};

/* False: not enough memory. listeners_free is due in either case. */
MUST_CHECK bool listeners_init(struct listeners *listeners, size_t room);
void listeners_free(struct listeners *listeners);

/* Remembers the local end of a listening socket. */
void listeners_add(struct listeners *listeners, const struct socket_record *socket);

/*
 * Whether a listener of the namespace `net` accepts connections to this address and port: bound
 * to the address, to the wildcard of its version, or, for IPv4, to the wildcard of IPv6.
 */
bool listeners_accept(struct listeners *listeners, struct gva net, uint8_t ip_version,
                      const unsigned char address[16], uint16_t port);

#endif
