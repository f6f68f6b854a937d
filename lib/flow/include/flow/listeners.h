/*
 * The listening sockets of a guest, remembered to tell which side opened a connection.
 *
 * A walk hands out every listener before the first connection. What this walk and the one before
 * saw is remembered: a listener may have gone when its first connection is seen. Room is the
 * caller's; what does not fit is counted. Sockets that share an address and a port (SO_REUSEPORT)
 * are one.
 */
#ifndef FLOW_LISTENERS_H
#define FLOW_LISTENERS_H

#include <stddef.h>

#include "base/record/socket.h"
#include "flow/keys.h"

enum {
    FLOW_LISTENERS_MAX = 1 << 20
};

struct flow_listener {
    unsigned char address[16];
    uint32_t netns;
    uint16_t port;
    uint8_t ip_version;
    uint32_t next; /* in its chain: index + 1, 0: the last */
};

/* Listeners of one walk. */
struct flow_listener_set {
    struct flow_listener *entries;
    uint32_t *heads; /* of chains: index + 1, 0: empty */
    uint32_t count;
};

/* Its members are for lib/flow; others may read `missed`. */
struct flow_listeners {
    struct flow_listener_set sets[2]; /* of this walk and of the one before */
    unsigned current;
    uint32_t room; /* of each set */
    uint32_t head_mask;
    struct flow_keys keys;
    uint64_t missed; /* for which there was no room */
};

/* Bytes for `room` listeners (0 to FLOW_LISTENERS_MAX), a multiple of 8. */
size_t flow_listeners_bytes(uint32_t room);

/* None yet, in `memory`: flow_listeners_bytes of it, aligned to 8, which the listeners keep. */
void flow_listeners_init(struct flow_listeners *listeners, void *memory, uint32_t room,
                         uint64_t seed);

/* A walk begins: forgets what the last one did not see. */
void flow_listeners_begin_walk(struct flow_listeners *listeners);

/* Remembers the local end of a listening socket. */
void flow_listeners_add(struct flow_listeners *listeners, const struct socket_record *socket);

/*
 * Whether a listener of the socket's namespace accepts connections to its local address and port:
 * bound to the address, to the wildcard of its version, or, for IPv4, to the wildcard of IPv6.
 */
bool flow_listeners_accept(const struct flow_listeners *listeners,
                           const struct socket_record *socket);

#endif
