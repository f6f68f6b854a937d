#include "flow.h"

#include <string.h>

static bool has_peer(const struct socket_record *socket)
{
    return socket->state != TCP_STATE_LISTEN && socket->tuple.remote_port != 0;
}

/* The peer has acknowledged this end's FIN, which bytes_acked then counts. */
static bool fin_acknowledged(const struct socket_record *socket)
{
    return socket->state == TCP_STATE_FIN_WAIT2 || socket->state == TCP_STATE_TIME_WAIT ||
           socket->state == TCP_STATE_CLOSE;
}

/* The peer's FIN has arrived, which bytes_received then counts. */
static bool fin_received(const struct socket_record *socket)
{
    return socket->state == TCP_STATE_CLOSE_WAIT || socket->state == TCP_STATE_LAST_ACK ||
           socket->state == TCP_STATE_CLOSING;
}

static bool opened_here(const struct socket_record *socket, struct listeners *listeners)
{
    const struct socket_counters *counters = &socket->counters;
    const struct socket_tuple *tuple = &socket->tuple;

    if (socket->state == TCP_STATE_SYN_SENT)
        return true;
    if (socket->object == SOCKET_REQUEST || socket->state == TCP_STATE_SYN_RECV ||
        socket->state == TCP_STATE_NEW_SYN_RECV)
        return false;
    if (socket->has_counters && !fin_acknowledged(socket)) {
        if (counters->bytes_acked == counters->bytes_sent + 1)
            return true;
        if (counters->bytes_acked == 0)
            return false;
    }
    return !listeners_accept(listeners, socket->net, tuple->ip_version, tuple->local,
                             tuple->local_port);
}

static bool is_internal(const struct socket_tuple *tuple)
{
    static const unsigned char loopback[16] = {[15] = 1};

    if (memcmp(tuple->local, tuple->remote, sizeof tuple->local) == 0)
        return true;
    return tuple->ip_version == 4 ? tuple->remote[0] == 127
                                  : memcmp(tuple->remote, loopback, sizeof loopback) == 0;
}

static uint64_t less(uint64_t counted, bool first, bool second)
{
    uint64_t extra = (first ? 1U : 0U) + (second ? 1U : 0U);
    return counted < extra ? 0 : counted - extra;
}

struct flow flow_of(const struct socket_record *socket, struct listeners *listeners)
{
    const struct socket_counters *counters = &socket->counters;
    struct flow flow = {.socket = socket};

    if (!has_peer(socket))
        return flow;
    flow.has_peer = true;
    flow.opened_here = opened_here(socket, listeners);
    flow.direction = flow.opened_here ? FLOW_OUTBOUND : FLOW_INBOUND;
    if (is_internal(&socket->tuple))
        flow.direction = FLOW_INTERNAL;
    flow.has_bytes = socket->has_counters;
    flow.sent = less(counters->bytes_acked, flow.opened_here, fin_acknowledged(socket));
    flow.received = less(counters->bytes_received, fin_received(socket), false);
    return flow;
}
