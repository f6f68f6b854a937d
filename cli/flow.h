/*
 * A socket seen as one end of a flow: who opened it, and how much payload each side has sent.
 *
 * The opener, by the first rule that applies:
 *   1. SYN_SENT: this end. SYN_RECV and request sockets: the peer.
 *   2. The kernel's own count: bytes_acked includes the SYN of the end that opened, so while no
 *      FIN of this end is acknowledged, bytes_sent + 1 means this end, and 0 means the peer.
 *   3. A listener of the namespace accepts this end's address and port: the peer.
 *   4. Otherwise this end.
 * A connection is internal when its peer is certainly in this guest: a loopback address, or the
 * same address at both ends. Other addresses of the guest are not known to one pass.
 */
#ifndef CLI_FLOW_H
#define CLI_FLOW_H

#include "listeners.h"

enum flow_direction {
    FLOW_UNDIRECTED, /* a listener, or a socket without a peer */
    FLOW_INBOUND,
    FLOW_OUTBOUND,
    FLOW_INTERNAL
};

struct flow {
    const struct socket_record *socket;
    enum flow_direction direction;
    bool has_peer;
    bool opened_here;  /* this end is the source */
    bool has_bytes;    /* the two below are known */
    uint64_t sent;     /* payload of this end that the peer has acknowledged */
    uint64_t received; /* payload of the peer that arrived here */
};

struct flow flow_of(const struct socket_record *socket, struct listeners *listeners);

#endif
