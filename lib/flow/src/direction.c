#include "flow/direction.h"

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

static bool shakes_hands(const struct socket_record *socket)
{
    return socket->object == SOCKET_REQUEST || socket->state == TCP_STATE_SYN_RECV ||
           socket->state == TCP_STATE_NEW_SYN_RECV;
}

struct flow_opener flow_opener_of(const struct socket_record *socket,
                                  const struct flow_listeners *listeners)
{
    const struct socket_counters *counters = &socket->counters;
    const struct flow_opener here = {.here = true, .certain = true};
    const struct flow_opener peer = {.here = false, .certain = true};
    if (socket->state == TCP_STATE_SYN_SENT)
        return here;
    if (shakes_hands(socket))
        return peer;
    if (socket->has_counters && !fin_acknowledged(socket)) {
        if (counters->bytes_acked == counters->bytes_sent + 1)
            return here;
        if (counters->bytes_acked == 0)
            return peer;
    }
    return (struct flow_opener){.here = !flow_listeners_accept(listeners, socket)};
}

bool flow_is_internal(const struct socket_tuple *tuple)
{
    static const unsigned char loopback[16] = {[15] = 1};
    if (bytes_equal(tuple->local, tuple->remote, sizeof tuple->local))
        return true;
    return tuple->ip_version == 4 ? tuple->remote[0] == 127
                                  : bytes_equal(tuple->remote, loopback, sizeof loopback);
}

static uint64_t less(uint64_t counted, bool first, bool second)
{
    uint64_t extra = (first ? 1U : 0U) + (second ? 1U : 0U);
    return counted < extra ? 0 : counted - extra;
}

uint64_t flow_sent(const struct socket_record *socket, bool opened_here)
{
    return less(socket->counters.bytes_acked, opened_here, fin_acknowledged(socket));
}

uint64_t flow_received(const struct socket_record *socket)
{
    return less(socket->counters.bytes_received, fin_received(socket), false);
}

struct flow flow_of(const struct socket_record *socket, const struct flow_listeners *listeners)
{
    struct flow flow = {.socket = socket};
    if (!has_peer(socket))
        return flow;
    flow.has_peer = true;
    flow.opened_here = flow_opener_of(socket, listeners).here;
    flow.direction = flow.opened_here ? FLOW_OUTBOUND : FLOW_INBOUND;
    if (flow_is_internal(&socket->tuple))
        flow.direction = FLOW_INTERNAL;
    flow.has_bytes = socket->has_counters;
    flow.sent = flow_sent(socket, flow.opened_here);
    flow.received = flow_received(socket);
    return flow;
}
