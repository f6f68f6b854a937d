#include "node.h"

#include "base/bytes.h"
#include "hash.h"

enum {
    FAMILY_INET = 2,
    FAMILY_INET6 = 10
};

static const unsigned char mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

/* The copy of struct sock_common. */
struct common {
    unsigned char bytes[KERNEL_COMMON_MAX];
    const struct kernel_members *m;
};

static uint32_t farther(uint32_t end, uint32_t at, uint32_t width)
{
    return at != KERNEL_ABSENT && at + width > end ? at + width : end;
}

uint32_t node_copied(const struct kernel_members *m)
{
    const struct {
        uint32_t at, width;
    } members[] = {
        {m->common_daddr, 4},         {m->common_rcv_saddr, 4},  {m->common_hash, 4},
        {m->common_dport, 2},         {m->common_num, 2},        {m->common_family, 2},
        {m->common_state, 1},         {m->common_bound_if, 4},   {m->common_net, 8},
        {m->common_v6_daddr, 16},     {m->common_cookie, 8},     {m->common_listener, 8},
        {m->common_v6_rcv_saddr, 16}, {m->common_nulls_node, 8}, {m->common_tw_snd_nxt, 4},
    };
    uint32_t end = 0;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        end = farther(end, members[i].at, members[i].width);
    if (m->timewait_substate < KERNEL_COMMON_MAX)
        end = farther(end, m->timewait_substate, 1);
    return end;
}

static enum status copy_common(struct tcp_walk *walk, struct gva sock, struct common *common)
{
    common->m = &walk->layout->members;
    return walk_read(walk, sock, common->bytes, walk->copied);
}

static bool set_v6(const struct common *common, struct socket_tuple *tuple)
{
    const struct kernel_members *m = common->m;
    if (m->common_v6_daddr == KERNEL_ABSENT || m->common_v6_rcv_saddr == KERNEL_ABSENT)
        return false;
    bytes_copy(tuple->local, common->bytes + m->common_v6_rcv_saddr, 16);
    bytes_copy(tuple->remote, common->bytes + m->common_v6_daddr, 16);
    return true;
}

static void set_v4(const struct common *common, struct socket_tuple *tuple)
{
    bytes_zero(tuple->local, 16);
    bytes_zero(tuple->remote, 16);
    bytes_copy(tuple->local, common->bytes + common->m->common_rcv_saddr, 4);
    bytes_copy(tuple->remote, common->bytes + common->m->common_daddr, 4);
    tuple->ip_version = 4;
}

/*
 * The address by which the kernel hashes: an IPv6 connection whose peer is v4-mapped is an IPv4
 * one (net/ipv4/inet_hashtables.c, sk_ehashfn); of a listener it is the local address that counts.
 */
static bool set_tuple(const struct common *common, enum tcp_table_kind kind,
                      struct socket_record *record)
{
    struct socket_tuple *tuple = &record->tuple;
    uint16_t family = load_le16(common->bytes + common->m->common_family);
    tuple->local_port = load_le16(common->bytes + common->m->common_num);
    tuple->remote_port = load_be16(common->bytes + common->m->common_dport);
    record->v6_socket = family == FAMILY_INET6;
    if (family == FAMILY_INET) {
        set_v4(common, tuple);
        return true;
    }
    if (family != FAMILY_INET6 || !set_v6(common, tuple))
        return false;
    tuple->ip_version = 6;
    const unsigned char *deciding = kind == TCP_TABLE_LISTENERS ? tuple->local : tuple->remote;
    record->mapped = bytes_equal(deciding, mapped_prefix, sizeof mapped_prefix);
    if (record->mapped)
        set_v4(common, tuple);
    return true;
}

static bool set_state(const struct common *common, enum tcp_table_kind kind,
                      struct socket_record *record)
{
    uint8_t state = common->bytes[common->m->common_state];
    bool listens = state == TCP_STATE_LISTEN;
    if (state == 0 || state >= TCP_STATE_BOUND_INACTIVE || listens != (kind == TCP_TABLE_LISTENERS))
        return false;
    record->object = SOCKET_FULL;
    if (state == TCP_STATE_TIME_WAIT)
        record->object = SOCKET_TIME_WAIT;
    if (state == TCP_STATE_NEW_SYN_RECV)
        record->object = SOCKET_REQUEST;
    record->state = state == TCP_STATE_NEW_SYN_RECV ? TCP_STATE_SYN_RECV : state;
    return true;
}

/* A socket that left FIN_WAIT2 for the time-wait table early is shown in that state. */
static void set_substate(const struct common *common, struct socket_record *record)
{
    uint32_t at = common->m->timewait_substate;
    if (record->object == SOCKET_TIME_WAIT && at < KERNEL_COMMON_MAX &&
        common->bytes[at] == TCP_STATE_FIN_WAIT2)
        record->state = TCP_STATE_FIN_WAIT2;
}

/* Decodes the copy; false when it is no socket of this kind of table. */
static bool decode(const struct common *common, enum tcp_table_kind kind,
                   struct socket_record *record)
{
    const struct kernel_members *m = common->m;
    if (!set_state(common, kind, record) || !set_tuple(common, kind, record))
        return false;
    set_substate(common, record);
    record->net = gva(load_le64(common->bytes + m->common_net));
    record->cookie = load_le64(common->bytes + m->common_cookie);
    record->bound_if = load_le32(common->bytes + m->common_bound_if);
    if (record->object == SOCKET_TIME_WAIT && m->common_tw_snd_nxt != KERNEL_ABSENT)
        record->sequence = load_le32(common->bytes + m->common_tw_snd_nxt);
    record->hash = kind == TCP_TABLE_LISTENERS ? 0 : load_le32(common->bytes + m->common_hash);
    return true;
}

static bool same_identity(const struct socket_record *a, const struct socket_record *b)
{
    return a->hash == b->hash && a->net.v == b->net.v && a->object == b->object &&
           a->sequence == b->sequence && socket_tuple_equal(&a->tuple, &b->tuple);
}

static bool in_bucket(struct tcp_walk *walk, const struct bucket *bucket,
                      struct socket_record *record, uint32_t hash_mix)
{
    uint32_t mask = bucket->table->mask;
    if (bucket->table->kind == TCP_TABLE_LISTENERS) {
        record->check = SOCKET_KEYED;
        return (hash_listener(&record->tuple, hash_mix) & mask) == bucket->number;
    }
    return (record->hash & mask) == bucket->number && node_keyed(walk, record, hash_mix);
}

/* Whether the object still is the one that was copied: mostly no byte has changed. */
static enum status confirm(struct tcp_walk *walk, const struct bucket *bucket,
                           const struct common *first, const struct socket_record *record)
{
    struct common common;
    struct socket_record again;
    enum status status = copy_common(walk, record->sock, &common);
    if (status != STATUS_OK || bytes_equal(common.bytes, first->bytes, walk->copied))
        return status;
    socket_record_clear(&again);
    if (!decode(&common, bucket->table->kind, &again) || !same_identity(record, &again))
        return STATUS_MISMATCH;
    return STATUS_OK;
}

enum status node_read(struct tcp_walk *walk, const struct bucket *bucket, struct gva sock,
                      struct socket_record *record, struct gva *next)
{
    struct common common;
    struct tcp_net_facts facts;
    enum status status = copy_common(walk, sock, &common);
    if (status != STATUS_OK)
        return status;
    socket_record_clear(record);
    record->sock = sock;
    if (!decode(&common, bucket->table->kind, record))
        return STATUS_MISMATCH;
    status = namespace_facts(walk, record->net, &facts);
    if (status != STATUS_OK)
        return status;
    if (!in_bucket(walk, bucket, record, facts.hash_mix))
        return STATUS_MISMATCH;
    record->netns = facts.inum;
    if (record->object != SOCKET_TIME_WAIT || common.m->timewait_substate >= walk->copied)
        status =
            node_details(walk, record, gva(load_le64(common.bytes + common.m->common_listener)));
    if (status == STATUS_OK && !walk->sink->still)
        status = confirm(walk, bucket, &common, record);
    if (status == STATUS_OK)
        *next = gva(load_le64(common.bytes + common.m->common_nulls_node));
    return status;
}
