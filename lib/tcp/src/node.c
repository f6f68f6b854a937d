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

uint32_t node_copied(const struct kernel_members *members)
{
    uint32_t end = members->timewait_substate + 1;
    bool near = members->timewait_substate < KERNEL_COMMON_MAX;
    return near && end > members->common_size ? end : members->common_size;
}

static enum status copy_common(struct walk *walk, struct gva sock, struct common *common)
{
    common->m = &walk->layout->members;
    return walk_read(walk, sock, common->bytes, node_copied(common->m));
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
static bool set_tuple(const struct common *common, enum table_kind kind,
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
    const unsigned char *deciding = kind == TABLE_LISTENERS ? tuple->local : tuple->remote;
    record->mapped = bytes_equal(deciding, mapped_prefix, sizeof mapped_prefix);
    if (record->mapped)
        set_v4(common, tuple);
    return true;
}

static bool set_state(const struct common *common, enum table_kind kind,
                      struct socket_record *record)
{
    uint8_t state = common->bytes[common->m->common_state];
    bool listens = state == TCP_STATE_LISTEN;
    if (state == 0 || state >= TCP_STATE_BOUND_INACTIVE || listens != (kind == TABLE_LISTENERS))
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
    if (record->object == SOCKET_TIME_WAIT && at < node_copied(common->m) &&
        common->bytes[at] == TCP_STATE_FIN_WAIT2)
        record->state = TCP_STATE_FIN_WAIT2;
}

/* Decodes the copy; false when it is no socket of this kind of table. */
static bool decode(const struct common *common, enum table_kind kind, struct socket_record *record)
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
    record->hash = kind == TABLE_LISTENERS ? 0 : load_le32(common->bytes + m->common_hash);
    return true;
}

static bool same_identity(const struct socket_record *a, const struct socket_record *b)
{
    return a->hash == b->hash && a->net.v == b->net.v && a->object == b->object &&
           a->sequence == b->sequence && socket_tuple_equal(&a->tuple, &b->tuple);
}

static bool in_bucket(struct walk *walk, const struct bucket *bucket, struct socket_record *record,
                      uint32_t hash_mix)
{
    if (bucket->kind == TABLE_LISTENERS) {
        record->check = SOCKET_KEYED;
        return (hash_listener(&record->tuple, hash_mix) & bucket->mask) == bucket->number;
    }
    return (record->hash & bucket->mask) == bucket->number && node_keyed(walk, record, hash_mix);
}

/* Whether the object still is the one that was copied. */
static enum status confirm(struct walk *walk, const struct bucket *bucket,
                           const struct socket_record *record)
{
    struct common common;
    struct socket_record again;
    socket_record_clear(&again);
    enum status status = copy_common(walk, record->sock, &common);
    if (status != STATUS_OK)
        return status;
    if (!decode(&common, bucket->kind, &again) || !same_identity(record, &again))
        return STATUS_MISMATCH;
    return STATUS_OK;
}

static enum status read_once(struct walk *walk, const struct bucket *bucket, struct gva sock,
                             struct socket_record *record, struct gva *next)
{
    struct common common;
    struct net_facts facts = {0};
    enum status status = copy_common(walk, sock, &common);
    if (status != STATUS_OK)
        return status;
    if (!decode(&common, bucket->kind, record))
        return STATUS_MISMATCH;
    status = namespace_facts(walk, record->net, &facts);
    if (status != STATUS_OK)
        return status;
    if (!in_bucket(walk, bucket, record, facts.hash_mix))
        return STATUS_MISMATCH;
    record->netns = facts.inum;
    *next = gva(load_le64(common.bytes + common.m->common_nulls_node));
    return node_details(walk, record, gva(load_le64(common.bytes + common.m->common_listener)));
}

enum status node_read(struct walk *walk, const struct bucket *bucket, struct gva sock,
                      struct socket_record *record, struct gva *next)
{
    struct socket_record found;
    struct gva behind = {0};
    socket_record_clear(&found);
    found.sock = sock;
    enum status status = read_once(walk, bucket, sock, &found, &behind);
    if (status == STATUS_OK && !walk->sink->still)
        status = confirm(walk, bucket, &found);
    if (status != STATUS_OK)
        return status;
    socket_record_copy(record, &found);
    *next = behind;
    return STATUS_OK;
}
