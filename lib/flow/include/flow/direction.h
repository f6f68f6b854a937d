/*
 * A socket seen as one end of a flow: who opened it, and how much payload each side has sent.
 *
 * The opener, by the first rule that applies:
 *   1. SYN_SENT: this end. SYN_RECV and request sockets: the peer.
 *   2. The kernel's own count: bytes_acked includes the SYN of the end that opened, so while no
 *      FIN of this end is acknowledged, bytes_sent + 1 means this end, and 0 means the peer.
 *   3. A listener of the namespace accepts this end's address and port: the peer.
 *   4. Otherwise this end.
 * The first two are certain, as far as the guest's kernel is believed; the others are not.
 *
 * A connection is internal when its peer is certainly in this guest: a loopback address, or the
 * same address at both ends. Other addresses of the guest one socket alone does not tell
 * (flow/table.h knows more).
 */
#ifndef FLOW_DIRECTION_H
#define FLOW_DIRECTION_H

#include "base/record/flow.h"
#include "flow/listeners.h"

struct flow_opener {
    bool here; /* this end is the source */
    bool certain;
};

/* Who opened the connection of a socket that has a peer. */
struct flow_opener flow_opener_of(const struct socket_record *socket,
                                  const struct flow_listeners *listeners);

bool flow_is_internal(const struct socket_tuple *tuple);

/*
 * Payload of this end that the peer has acknowledged, and of the peer that arrived here, without
 * SYN and FIN, which the kernel counts. Of a socket whose counters are known.
 */
uint64_t flow_sent(const struct socket_record *socket, bool opened_here);
uint64_t flow_received(const struct socket_record *socket);

/* All of it, of one socket: for a list that knows no flows. */
struct flow {
    const struct socket_record *socket;
    enum flow_direction direction; /* FLOW_UNDIRECTED: a listener, or without a peer */
    bool has_peer;
    bool opened_here;  /* this end is the source */
    bool has_bytes;    /* the two below are known */
    uint64_t sent;     /* payload of this end that the peer has acknowledged */
    uint64_t received; /* payload of the peer that arrived here */
};

struct flow flow_of(const struct socket_record *socket, const struct flow_listeners *listeners);

#endif
