/* What lies outside struct sock_common: counters, owner, TIME_WAIT's substate. */
#include "base/bytes.h"
#include "node.h"

static bool has_counters(const struct kernel_members *m)
{
    return m->tcp_bytes_acked != KERNEL_ABSENT && m->tcp_bytes_received != KERNEL_ABSENT &&
           m->tcp_bytes_sent != KERNEL_ABSENT && m->tcp_segs_in != KERNEL_ABSENT &&
           m->tcp_segs_out != KERNEL_ABSENT;
}

static enum status read_counters(struct tcp_walk *walk, struct socket_record *record)
{
    const struct kernel_members *m = &walk->layout->members;
    struct socket_counters *to = &record->counters;
    struct gva sock = record->sock;
    if (!has_counters(m))
        return STATUS_OK;
    enum status status = walk_u64(walk, gva_add(sock, m->tcp_bytes_acked), &to->bytes_acked);
    if (status == STATUS_OK)
        status = walk_u64(walk, gva_add(sock, m->tcp_bytes_received), &to->bytes_received);
    if (status == STATUS_OK)
        status = walk_u64(walk, gva_add(sock, m->tcp_bytes_sent), &to->bytes_sent);
    if (status == STATUS_OK)
        status = walk_u32(walk, gva_add(sock, m->tcp_segs_in), &to->segs_in);
    if (status == STATUS_OK)
        status = walk_u32(walk, gva_add(sock, m->tcp_segs_out), &to->segs_out);
    record->has_counters = status == STATUS_OK;
    return status;
}

/* The struct socket of a sock, when one is attached: its inode's owner and number, and its file. */
static enum status read_socket(struct tcp_walk *walk, struct gva sock, struct socket_record *record)
{
    const struct kernel_members *m = &walk->layout->members;
    struct gva socket;
    enum status status = walk_pointer(walk, gva_add(sock, m->sock_socket), &socket);
    if (status != STATUS_OK || socket.v == 0)
        return status;
    status = walk_u32(walk, gva_add(socket, m->socket_inode_uid), &record->uid);
    if (status == STATUS_OK)
        status = walk_u64(walk, gva_add(socket, m->socket_inode_number), &record->inode);
    if (status == STATUS_OK)
        status = walk_pointer(walk, gva_add(socket, m->socket_file), &record->file);
    record->has_inode = status == STATUS_OK;
    return status;
}

static enum status read_creator(struct tcp_walk *walk, struct socket_record *record)
{
    const struct kernel_members *m = &walk->layout->members;
    enum status status = STATUS_OK;
    if (m->sock_uid != KERNEL_ABSENT) {
        status = walk_u32(walk, gva_add(record->sock, m->sock_uid), &record->creator_uid);
        record->has_creator = status == STATUS_OK;
    }
    if (status == STATUS_OK && m->sock_cgroup != KERNEL_ABSENT)
        status = walk_pointer(walk, gva_add(record->sock, m->sock_cgroup), &record->cgroup);
    return status;
}

static enum status read_full(struct tcp_walk *walk, struct socket_record *record)
{
    enum status status = STATUS_OK;
    if (record->state != TCP_STATE_LISTEN)
        status = read_counters(walk, record);
    if (status == STATUS_OK)
        status = read_creator(walk, record);
    return status == STATUS_OK ? read_socket(walk, record->sock, record) : status;
}

/* As set_substate of node.c, for kernels that keep it too far from struct sock_common. */
static enum status read_substate(struct tcp_walk *walk, struct socket_record *record)
{
    uint32_t at = walk->layout->members.timewait_substate;
    uint8_t substate;
    if (at == KERNEL_ABSENT || at < walk->copied)
        return STATUS_OK;
    enum status status = walk_read(walk, gva_add(record->sock, at), &substate, sizeof substate);
    if (status == STATUS_OK && substate == TCP_STATE_FIN_WAIT2)
        record->state = substate;
    return status;
}

/* A request has no owner of its own: it is shown with its listener's, as /proc/net/tcp does. */
static enum status read_listener(struct tcp_walk *walk, struct socket_record *record,
                                 struct gva listener)
{
    struct socket_record owner;
    bytes_zero(&owner, sizeof owner);
    if (listener.v == 0)
        return STATUS_OK;
    enum status status = read_socket(walk, listener, &owner);
    record->has_inode = status == STATUS_OK && owner.has_inode;
    record->uid = owner.uid;
    return status;
}

enum status node_details(struct tcp_walk *walk, struct socket_record *record, struct gva listener)
{
    const struct tcp_sink *sink = walk->sink;
    if (record->object == SOCKET_TIME_WAIT)
        return read_substate(walk, record);
    if (sink->wants != NULL && !sink->wants(sink->context, record))
        return STATUS_OK;
    return record->object == SOCKET_REQUEST ? read_listener(walk, record, listener)
                                            : read_full(walk, record);
}
