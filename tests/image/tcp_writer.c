#include "tcp_writer.h"

#include <string.h>

enum {
    FAMILY_INET = 2,
    FAMILY_INET6 = 10,
    NULLS_LISTEN = 0x20000000
};

static uint64_t end_value(uint64_t bucket)
{
    return bucket << 1 | 1;
}

uint64_t tcp_bucket_cell(const struct guest_kernel *kernel, const struct guest_net *net,
                         uint32_t bucket)
{
    const struct kernel_members *m = &kernel->types->at;
    return net->ehash + (uint64_t)m->ehash_bucket_size * bucket + m->ehash_bucket_chain;
}

uint64_t tcp_listen_cell(const struct guest_kernel *kernel, uint32_t bucket)
{
    const struct kernel_members *m = &kernel->types->at;
    uint64_t table = guest_get_u64(kernel->image, kernel->tcp_hashinfo + m->hashinfo_lhash2);
    return table + (uint64_t)m->listen_bucket_size * bucket + m->listen_bucket_head;
}

uint64_t tcp_node(const struct guest_kernel *kernel, uint64_t sock)
{
    return sock + kernel->types->at.common_nulls_node;
}

uint32_t tcp_hash(const struct guest_kernel *kernel, uint64_t sock)
{
    return guest_get_u32(kernel->image, sock + kernel->types->at.common_hash);
}

static void empty_chains(struct guest_kernel *kernel, struct guest_net *net)
{
    const struct kernel_members *m = &kernel->types->at;
    guest_put_u64(kernel->image, net->hashinfo + m->hashinfo_ehash, net->ehash);
    guest_put_u32(kernel->image, net->hashinfo + m->hashinfo_ehash_mask, net->buckets - 1);
    for (uint32_t i = 0; i < net->buckets; i++)
        guest_put_u64(kernel->image, tcp_bucket_cell(kernel, net, i), end_value(i));
}

/* Puts a namespace at the end of the ring whose head is net_namespace_list. */
static void link_net(struct guest_kernel *kernel, uint64_t at)
{
    struct guest_image *image = kernel->image;
    uint64_t head = kernel->net_namespace_list;
    uint64_t node = at + kernel->types->at.net_list;
    uint64_t last = guest_get_u64(image, head + 8);
    guest_put_u64(image, node, head);
    guest_put_u64(image, node + 8, last);
    guest_put_u64(image, last, node);
    guest_put_u64(image, head + 8, node);
}

static void fill_net(struct guest_kernel *kernel, const struct guest_net *net)
{
    struct guest_image *image = kernel->image;
    const struct kernel_members *m = &kernel->types->at;
    guest_put_u32(image, net->at + m->net_inum, net->inum);
    guest_put_u32(image, net->at + m->net_hash_mix, net->hash_mix);
    guest_put_u64(image, net->at + m->net_hashinfo, net->hashinfo);
    guest_put_u64(image, net->at + m->net_cookie, 0x7000 + net->inum);
    guest_put_u32(image, net->at + m->net_time_wait_use, 1);
    guest_put_u64(image, net->at + m->net_inuse, kernel_percpu(kernel, m->inuse_size));
    for (unsigned i = 0; i < KERNEL_MIBS; i++)
        guest_put_u64(image, net->at + m->net_mibs[i],
                      kernel_percpu(kernel, (uint64_t)8 * (i == MIB_LINUX ? 402 : 16)));
    link_net(kernel, net->at);
}

static void write_listen_table(struct guest_kernel *kernel, uint32_t buckets)
{
    const struct kernel_members *m = &kernel->types->at;
    uint64_t table = guest_heap(kernel->image, (uint64_t)m->listen_bucket_size * buckets, 64);
    guest_put_u64(kernel->image, kernel->tcp_hashinfo + m->hashinfo_lhash2, table);
    guest_put_u32(kernel->image, kernel->tcp_hashinfo + m->hashinfo_lhash2_mask, buckets - 1);
    for (uint32_t i = 0; i < buckets; i++)
        guest_put_u64(kernel->image, tcp_listen_cell(kernel, i),
                      end_value((uint64_t)NULLS_LISTEN + i));
}

static void write_raw_protocols(struct guest_kernel *kernel)
{
    static const char *const names[] = {"raw_prot", "rawv6_prot"};
    for (unsigned i = 0; i < 2; i++) {
        uint64_t proto = kernel_variable(kernel, names[i], kernel->types->proto_size);
        guest_put_u32(kernel->image, proto + kernel->types->at.proto_inuse_index,
                      kernel->types->raw_index[i]);
    }
}

void tcp_write_init(struct guest_kernel *kernel, uint32_t buckets, uint32_t listen_buckets,
                    struct guest_net *net)
{
    const struct guest_types *types = kernel->types;
    kernel->net_namespace_list = kernel_variable(kernel, "net_namespace_list", 16);
    guest_put_u64(kernel->image, kernel->net_namespace_list, kernel->net_namespace_list);
    guest_put_u64(kernel->image, kernel->net_namespace_list + 8, kernel->net_namespace_list);
    kernel->tcp_hashinfo = kernel_variable(kernel, "tcp_hashinfo", types->hashinfo_size);
    kernel->init_net = kernel_variable(kernel, "init_net", types->net_size);
    write_raw_protocols(kernel);
    *net = (struct guest_net){.at = kernel->init_net,
                              .inum = 4026531840U,
                              .hash_mix = 0x3c6ef372,
                              .hashinfo = kernel->tcp_hashinfo,
                              .buckets = buckets};
    net->ehash = guest_heap(kernel->image, (uint64_t)types->at.ehash_bucket_size * buckets, 64);
    empty_chains(kernel, net);
    write_listen_table(kernel, listen_buckets);
    fill_net(kernel, net);
}

static void write_private_table(struct guest_kernel *kernel, struct guest_net *net)
{
    struct guest_image *image = kernel->image;
    const struct kernel_members *m = &kernel->types->at;
    uint64_t shared = kernel->tcp_hashinfo;
    net->hashinfo = guest_heap(image, kernel->types->hashinfo_size, 64);
    guest_put_u64(image, net->hashinfo + m->hashinfo_lhash2,
                  guest_get_u64(image, shared + m->hashinfo_lhash2));
    guest_put_u32(image, net->hashinfo + m->hashinfo_lhash2_mask,
                  guest_get_u32(image, shared + m->hashinfo_lhash2_mask));
    net->ehash = guest_vmalloc(image, (uint64_t)m->ehash_bucket_size * net->buckets);
    empty_chains(kernel, net);
}

void tcp_write_net(struct guest_kernel *kernel, uint32_t inum, uint32_t private_buckets,
                   struct guest_net *net)
{
    const struct kernel_members *m = &kernel->types->at;
    *net = (struct guest_net){.at = guest_heap(kernel->image, kernel->types->net_size, 64),
                              .inum = inum,
                              .hash_mix = inum * 2654435761U,
                              .hashinfo = kernel->tcp_hashinfo,
                              .buckets = private_buckets};
    if (private_buckets != 0) {
        write_private_table(kernel, net);
    } else {
        net->ehash = guest_get_u64(kernel->image, kernel->tcp_hashinfo + m->hashinfo_ehash);
        net->buckets =
            guest_get_u32(kernel->image, kernel->tcp_hashinfo + m->hashinfo_ehash_mask) + 1;
    }
    fill_net(kernel, net);
}

static void mapped_address(unsigned char to[16], const unsigned char v4[4])
{
    memset(to, 0, 16);
    to[10] = to[11] = 0xff;
    memcpy(to + 12, v4, 4);
}

static void put_addresses(struct guest_kernel *kernel, uint64_t at,
                          const struct socket_record *record)
{
    const struct kernel_members *m = &kernel->types->at;
    const struct socket_tuple *tuple = &record->tuple;
    unsigned char local[16];
    unsigned char remote[16];
    memcpy(local, tuple->local, sizeof local);
    memcpy(remote, tuple->remote, sizeof remote);
    if (tuple->ip_version == 4) {
        guest_put(kernel->image, at + m->common_rcv_saddr, tuple->local, 4);
        guest_put(kernel->image, at + m->common_daddr, tuple->remote, 4);
        mapped_address(local, tuple->local);
        mapped_address(remote, tuple->remote);
    }
    if (record->v6_socket) {
        guest_put(kernel->image, at + m->common_v6_rcv_saddr, local, 16);
        guest_put(kernel->image, at + m->common_v6_daddr, remote, 16);
    }
}

static void put_common(struct guest_kernel *kernel, const struct guest_net *net, uint64_t at,
                       const struct socket_record *record)
{
    const struct kernel_members *m = &kernel->types->at;
    struct guest_image *image = kernel->image;
    uint16_t remote_port = record->tuple.remote_port;
    unsigned state = record->object == SOCKET_TIME_WAIT ? TCP_STATE_TIME_WAIT
                     : record->object == SOCKET_REQUEST ? TCP_STATE_NEW_SYN_RECV
                                                        : record->state;
    put_addresses(kernel, at, record);
    guest_put_u16(image, at + m->common_num, record->tuple.local_port);
    guest_put_u16(image, at + m->common_dport,
                  (unsigned)(remote_port >> 8 | (remote_port & 0xff) << 8));
    guest_put_u16(image, at + m->common_family, record->v6_socket ? FAMILY_INET6 : FAMILY_INET);
    guest_put_u8(image, at + m->common_state, state);
    guest_put_u32(image, at + m->common_bound_if, record->bound_if);
    guest_put_u64(image, at + m->common_net, net->at);
    guest_put_u64(image, at + m->common_cookie, record->cookie);
}

static uint64_t make_inode(struct guest_kernel *kernel, const struct socket_record *record)
{
    const struct kernel_members *m = &kernel->types->at;
    uint64_t at = guest_heap(kernel->image, kernel->types->socket_alloc_size, 64);
    guest_put_u64(kernel->image, at + m->socket_file, record->file.v);
    guest_put_u64(kernel->image, at + m->socket_inode_number, record->inode);
    guest_put_u32(kernel->image, at + m->socket_inode_uid, record->uid);
    return at;
}

static void put_full(struct guest_kernel *kernel, uint64_t at, const struct socket_record *record)
{
    const struct kernel_members *m = &kernel->types->at;
    struct guest_image *image = kernel->image;
    if (record->has_inode)
        guest_put_u64(image, at + m->sock_socket, make_inode(kernel, record));
    guest_put_u32(image, at + m->sock_uid, record->creator_uid);
    guest_put_u64(image, at + m->sock_cgroup, record->cgroup.v);
    guest_put_u64(image, at + m->tcp_bytes_sent, record->counters.bytes_sent);
    guest_put_u64(image, at + m->tcp_bytes_acked, record->counters.bytes_acked);
    guest_put_u64(image, at + m->tcp_bytes_received, record->counters.bytes_received);
    guest_put_u32(image, at + m->tcp_segs_in, record->counters.segs_in);
    guest_put_u32(image, at + m->tcp_segs_out, record->counters.segs_out);
}

static void link_socket(struct guest_kernel *kernel, uint64_t cell, uint64_t at)
{
    guest_put_u64(kernel->image, tcp_node(kernel, at), guest_get_u64(kernel->image, cell));
    guest_put_u64(kernel->image, tcp_node(kernel, at) + 8, cell);
    guest_put_u64(kernel->image, cell, tcp_node(kernel, at));
}

/* Listeners' skc_hash is not kept by Linux; the bucket says it all. */
static void enter_table(struct guest_kernel *kernel, const struct guest_net *net, uint64_t at,
                        const struct socket_record *record)
{
    const struct kernel_members *m = &kernel->types->at;
    if (record->state == TCP_STATE_LISTEN) {
        uint32_t mask = guest_get_u32(kernel->image, net->hashinfo + m->hashinfo_lhash2_mask);
        uint32_t bucket = net_hash_listener(&record->tuple, net->hash_mix) & mask;
        link_socket(kernel, tcp_listen_cell(kernel, bucket), at);
        return;
    }
    uint32_t hash = net_hash_tuple(&kernel->keys, &record->tuple, net->hash_mix);
    guest_put_u32(kernel->image, at + m->common_hash, hash);
    link_socket(kernel, tcp_bucket_cell(kernel, net, hash & (net->buckets - 1)), at);
}

void tcp_write_socket(struct guest_kernel *kernel, const struct guest_net *net, uint64_t listener,
                      struct socket_record *record)
{
    const struct guest_types *types = kernel->types;
    uint64_t size = record->object == SOCKET_FULL ? types->tcp_size : types->timewait_size;
    uint64_t at = guest_heap(kernel->image, size, 64);
    put_common(kernel, net, at, record);
    if (record->object == SOCKET_FULL)
        put_full(kernel, at, record);
    if (record->object == SOCKET_TIME_WAIT) {
        guest_put_u8(kernel->image, at + types->at.timewait_substate, record->state);
        guest_put_u32(kernel->image, at + types->at.common_tw_snd_nxt, record->sequence);
    }
    if (record->object == SOCKET_REQUEST)
        guest_put_u64(kernel->image, at + types->at.common_listener, listener);
    enter_table(kernel, net, at, record);
    record->sock = gva(at);
    record->net = gva(net->at);
    record->netns = net->inum;
    record->check = SOCKET_KEYED;
    record->hash = record->state == TCP_STATE_LISTEN ? 0 : tcp_hash(kernel, at);
}

/* A CPU's share of a sum: more than the sum on all but the last, which goes below zero. */
static uint64_t share(const struct guest_kernel *kernel, unsigned cpu, uint64_t sum)
{
    uint64_t before = (uint64_t)500 * cpu * (cpu + 1);
    return cpu + 1 < kernel->cpus ? (uint64_t)1000 * (cpu + 1) : sum - before;
}

static enum kernel_mib mib_of(unsigned counter)
{
    static const uint8_t mibs[COUNTERS_IN_MIBS] = {
        [COUNTER_TIME_WAITED... COUNTER_ABORT_ON_TIMEOUT] = MIB_LINUX,
        [COUNTER_UDP_IN... COUNTER_UDP_OUT] = MIB_UDP,
        [COUNTER_UDP6_IN... COUNTER_UDP6_OUT] = MIB_UDP6,
        [COUNTER_ICMP_IN... COUNTER_ICMP_OUT] = MIB_ICMP,
        [COUNTER_ICMP6_IN... COUNTER_ICMP6_OUT] = MIB_ICMP6,
        [COUNTER_IP_IN_OCTETS... COUNTER_IP_OUT_OCTETS] = MIB_IP,
        [COUNTER_IP6_IN_OCTETS... COUNTER_IP6_OUT_OCTETS] = MIB_IP6,
    };
    return (enum kernel_mib)mibs[counter];
}

static void write_levels(struct guest_kernel *kernel, const struct guest_net *net,
                         const uint64_t counters[COUNTER_COUNT])
{
    const struct kernel_members *m = &kernel->types->at;
    struct guest_image *image = kernel->image;
    uint64_t inuse = guest_get_u64(image, net->at + m->net_inuse) + m->inuse_values;
    guest_put_u32(image, net->at + m->net_time_wait_use,
                  (uint32_t)counters[COUNTER_TIME_WAIT_USE] + 1);
    guest_put_u32(image, net->at + m->net_time_wait_limit,
                  (uint32_t)counters[COUNTER_TIME_WAIT_LIMIT]);
    for (unsigned i = 0; i < 2; i++)
        for (unsigned cpu = 0; cpu < kernel->cpus; cpu++)
            guest_put_u32(
                image,
                kernel_percpu_at(kernel, inuse + (uint64_t)4 * kernel->types->raw_index[i], cpu),
                (uint32_t)share(kernel, cpu, counters[COUNTER_RAW_SOCKETS + i]));
}

void tcp_write_counters(struct guest_kernel *kernel, const struct guest_net *net,
                        const uint64_t counters[COUNTER_COUNT])
{
    const struct kernel_members *m = &kernel->types->at;
    for (unsigned i = 0; i < COUNTERS_IN_MIBS; i++) {
        uint64_t mib = guest_get_u64(kernel->image, net->at + m->net_mibs[mib_of(i)]);
        mib += (uint64_t)8 * kernel->types->counters[i];
        for (unsigned cpu = 0; cpu < kernel->cpus; cpu++)
            guest_put_u64(kernel->image, kernel_percpu_at(kernel, mib, cpu),
                          share(kernel, cpu, counters[i]));
    }
    write_levels(kernel, net, counters);
}
