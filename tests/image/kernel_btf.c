/* Describes the structures of kernel_types.c the way pahole describes the real ones. */
#include <stdio.h>

#include "btf_writer.h"
#include "kernel_types.h"

/* Types that everything else refers to. */
struct common_types {
    uint32_t u8, u16, u32, u64, s64, character, pointer, text, in6, list, hlist, nulls, atomic64;
};

struct describer {
    struct btf_writer writer;
    const struct guest_types *types;
    struct common_types is;
};

static uint32_t composite(struct describer *d, const char *name, uint32_t size)
{
    return btf_write_type(&d->writer, WRITE_STRUCT, name, size);
}

static void member(struct describer *d, const char *name, uint32_t type, uint32_t at)
{
    btf_write_member(&d->writer, name, type, at);
}

/* A struct or union with two members at the same or different offsets. */
static uint32_t pair_of(struct describer *d, enum btf_write_kind kind, const char *name,
                        uint32_t size)
{
    return btf_write_type(&d->writer, kind, name, size);
}

static void describe_integers(struct describer *d)
{
    struct btf_writer *w = &d->writer;
    d->is.character = btf_write_int(w, "char", 1, true);
    uint32_t byte = btf_write_int(w, "unsigned char", 1, false);
    d->is.u8 = btf_write_type(w, WRITE_TYPEDEF, "u8", byte);
    uint32_t half = btf_write_int(w, "short unsigned int", 2, false);
    d->is.u16 = btf_write_type(w, WRITE_TYPEDEF, "__be16", half);
    d->is.u32 = btf_write_int(w, "unsigned int", 4, false);
    d->is.u64 = btf_write_int(w, "long unsigned int", 8, false);
    d->is.s64 = btf_write_int(w, "long long int", 8, true);
    d->is.pointer = btf_write_type(w, WRITE_PTR, "", 0);
    uint32_t constant = btf_write_type(w, WRITE_CONST, "", d->is.character);
    d->is.text = btf_write_type(w, WRITE_PTR, "", constant);
    (void)btf_write_type(w, WRITE_FLOAT, "double", 8);
}

static void describe_lists(struct describer *d)
{
    uint32_t bytes = btf_write_array(&d->writer, d->is.u8, d->is.u32, 16);
    d->is.in6 = composite(d, "in6_addr", 16);
    member(d, "in6_u", bytes, 0);
    d->is.list = composite(d, "list_head", 16);
    member(d, "next", d->is.pointer, 0);
    member(d, "prev", d->is.pointer, 8);
    d->is.hlist = composite(d, "hlist_node", 16);
    member(d, "next", d->is.pointer, 0);
    member(d, "pprev", d->is.pointer, 8);
    d->is.nulls = composite(d, "hlist_nulls_node", 16);
    member(d, "next", d->is.pointer, 0);
    member(d, "pprev", d->is.pointer, 8);
    uint32_t inner = composite(d, "", 8);
    member(d, "counter", d->is.s64, 0);
    d->is.atomic64 = btf_write_type(&d->writer, WRITE_TYPEDEF, "atomic64_t", inner);
}

/* Kinds that discovery must step over, with names that could mislead a careless look-up. */
static void describe_distractions(struct describer *d, unsigned padding)
{
    struct btf_writer *w = &d->writer;
    uint32_t proto = btf_write_type(w, WRITE_FUNC_PROTO, "", 0);
    btf_write_parameter(w, "sk", d->is.pointer);
    btf_write_parameter(w, "", d->is.u32);
    (void)btf_write_type(w, WRITE_FUNC, "sock_common", proto);
    (void)btf_write_type(w, WRITE_FUNC, "net", proto);
    (void)btf_write_decl_tag(w, "tag", d->is.in6);
    uint32_t tagged = btf_write_type(w, WRITE_TYPE_TAG, "rcu", d->is.pointer);
    (void)btf_write_type(w, WRITE_RESTRICT, "", tagged);
    uint32_t variable = btf_write_var(w, "init_net", d->is.u64);
    (void)btf_write_type(w, WRITE_DATASEC, ".data", 64);
    btf_write_section_variable(w, variable, 0, 64);
    (void)btf_write_type(w, WRITE_FWD, "nowhere", 0);
    (void)btf_write_type(w, WRITE_ENUM64, "wide", 8);
    btf_write_enumerator64(w, "WIDE_ONE", 0x100000001ULL);
    (void)composite(d, "sock_xprt", 24);
    member(d, "skc_daddr", d->is.u32, 16);
    for (unsigned i = 0; i < padding; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "padding_%u", i);
        (void)composite(d, name, 16);
        member(d, "tasks", d->is.list, 0);
    }
}

static uint32_t anonymous_addresses(struct describer *d, const char *a, const char *b,
                                    uint32_t type, uint32_t at_b)
{
    uint32_t width = type == d->is.u32 ? 4 : 2;
    uint32_t inner = composite(d, "", 2 * width);
    member(d, a, type, at_b == 0 ? width : 0);
    member(d, b, type, at_b);
    uint32_t outer = pair_of(d, WRITE_UNION, "", 2 * width);
    member(d, "", inner, 0);
    member(d, width == 4 ? "skc_addrpair" : "skc_portpair", width == 4 ? d->is.u64 : d->is.u32, 0);
    return outer;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t either(struct describer *d, const char *a, uint32_t type_a, const char *b,
                       uint32_t type_b)
{
    uint32_t id = pair_of(d, WRITE_UNION, "", 16);
    member(d, a, type_a, 0);
    member(d, b, type_b, 0);
    return id;
}

static uint32_t describe_sock_common(struct describer *d)
{
    const struct kernel_members *at = &d->types->at;
    uint32_t address_low = lower(at->common_daddr, at->common_rcv_saddr);
    uint32_t port_low = lower(at->common_dport, at->common_num);
    uint32_t addresses = anonymous_addresses(d, "skc_daddr", "skc_rcv_saddr", d->is.u32,
                                             at->common_rcv_saddr - address_low);
    uint32_t ports =
        anonymous_addresses(d, "skc_dport", "skc_num", d->is.u16, at->common_num - port_low);
    uint32_t hash = either(d, "skc_u16hashes", d->is.u16, "skc_hash", d->is.u32);
    uint32_t flags = either(d, "skc_flags", d->is.u64, "skc_listener", d->is.pointer);
    uint32_t node = either(d, "skc_node", d->is.hlist, "skc_nulls_node", d->is.nulls);
    uint32_t sequence = either(d, "skc_rxhash", d->is.u32, "skc_tw_snd_nxt", d->is.u32);
    uint32_t state = btf_write_type(&d->writer, WRITE_VOLATILE, "", d->is.u8);
    uint32_t holder = composite(d, "", 8);
    member(d, "net", d->is.pointer, 0);
    uint32_t possible = btf_write_type(&d->writer, WRITE_TYPEDEF, "possible_net_t", holder);
    uint32_t id = composite(d, "sock_common", at->common_size);
    btf_write_bitfield(&d->writer, "skc_reuse", d->is.u8, (at->common_state + 1) * 8, 4);
    btf_write_bitfield(&d->writer, "skc_reuseport", d->is.u8, (at->common_state + 1) * 8 + 4, 1);
    member(d, "", addresses, address_low);
    member(d, "", hash, at->common_hash);
    member(d, "", ports, port_low);
    member(d, "skc_family", d->is.u16, at->common_family);
    member(d, "skc_state", state, at->common_state);
    member(d, "skc_bound_dev_if", d->is.u32, at->common_bound_if);
    member(d, "skc_net", possible, at->common_net);
    member(d, "skc_v6_daddr", d->is.in6, at->common_v6_daddr);
    member(d, "skc_v6_rcv_saddr", d->is.in6, at->common_v6_rcv_saddr);
    member(d, "skc_cookie", d->is.atomic64, at->common_cookie);
    member(d, "", flags, at->common_listener);
    member(d, "", node, at->common_nulls_node);
    member(d, "", sequence, at->common_tw_snd_nxt);
    return id;
}

static uint32_t describe_sock(struct describer *d, uint32_t common)
{
    const struct kernel_members *at = &d->types->at;
    uint32_t value = composite(d, "", 4);
    member(d, "val", d->is.u32, 0);
    uint32_t uid = btf_write_type(&d->writer, WRITE_TYPEDEF, "kuid_t", value);
    uint32_t cgroup = composite(d, "sock_cgroup_data", 24);
    member(d, "cgroup", d->is.pointer, at->sock_cgroup - d->types->sock_cgrp);
    uint32_t id = composite(d, "sock", d->types->sock_size);
    member(d, "__sk_common", common, 0);
    member(d, "sk_socket", d->is.pointer, at->sock_socket);
    member(d, "sk_uid", uid, at->sock_uid);
    member(d, "sk_cgrp_data", cgroup, d->types->sock_cgrp);
    return id;
}

static void describe_tcp_sock(struct describer *d, uint32_t common)
{
    const struct kernel_members *at = &d->types->at;
    uint32_t sock = describe_sock(d, common);
    uint32_t inet = composite(d, "inet_sock", d->types->sock_size + 200);
    member(d, "sk", sock, 0);
    uint32_t connection = composite(d, "inet_connection_sock", d->types->sock_size + 400);
    member(d, "icsk_inet", inet, 0);
    (void)composite(d, "tcp_sock", d->types->tcp_size);
    member(d, "inet_conn", connection, 0);
    member(d, "bytes_acked", d->is.u64, at->tcp_bytes_acked);
    member(d, "bytes_received", d->is.u64, at->tcp_bytes_received);
    member(d, "bytes_sent", d->is.u64, at->tcp_bytes_sent);
    member(d, "segs_in", d->is.u32, at->tcp_segs_in);
    member(d, "segs_out", d->is.u32, at->tcp_segs_out);
    (void)composite(d, "inet_timewait_sock", d->types->timewait_size);
    member(d, "__tw_common", common, 0);
    member(d, "tw_substate", d->is.u8, at->timewait_substate);
}

static void describe_tables(struct describer *d)
{
    const struct kernel_members *at = &d->types->at;
    uint32_t head = composite(d, "hlist_nulls_head", 8);
    member(d, "first", d->is.pointer, 0);
    (void)composite(d, "inet_ehash_bucket", at->ehash_bucket_size);
    member(d, "chain", head, at->ehash_bucket_chain);
    uint32_t heads = pair_of(d, WRITE_UNION, "", 8);
    member(d, "head", head, 0);
    member(d, "nulls_head", head, 0);
    (void)composite(d, "inet_listen_hashbucket", at->listen_bucket_size);
    member(d, "", heads, at->listen_bucket_head);
    (void)composite(d, "inet_hashinfo", d->types->hashinfo_size);
    member(d, "ehash", d->is.pointer, at->hashinfo_ehash);
    member(d, "ehash_mask", d->is.u32, at->hashinfo_ehash_mask);
    member(d, "lhash2", d->is.pointer, at->hashinfo_lhash2);
    member(d, "lhash2_mask", d->is.u32, at->hashinfo_lhash2_mask);
}

static uint32_t describe_mibs(struct describer *d)
{
    static const char *const names[KERNEL_MIBS] = {
        [MIB_TCP] = "tcp_statistics",   [MIB_LINUX] = "net_statistics",
        [MIB_UDP] = "udp_statistics",   [MIB_UDP6] = "udp_stats_in6",
        [MIB_ICMP] = "icmp_statistics", [MIB_ICMP6] = "icmpv6_statistics",
        [MIB_IP] = "ip_statistics",     [MIB_IP6] = "ipv6_statistics"};
    uint32_t mib = composite(d, "netns_mib", 128);
    for (unsigned i = 0; i < KERNEL_MIBS; i++)
        member(d, names[i], d->is.pointer, d->types->at.net_mibs[i] - d->types->net_mib);
    return mib;
}

static uint32_t describe_death_row(struct describer *d)
{
    const struct guest_types *t = d->types;
    uint32_t outer = t->net_ipv4 + t->death_row;
    uint32_t inner = composite(d, "refcount_struct", 4);
    member(d, "refs", d->is.u32, 0);
    uint32_t count = btf_write_type(&d->writer, WRITE_TYPEDEF, "refcount_t", inner);
    uint32_t row = composite(d, "inet_timewait_death_row", 128);
    member(d, "tw_refcount", count, t->at.net_time_wait_use - outer);
    member(d, "hashinfo", d->is.pointer, t->at.net_hashinfo - outer);
    member(d, "sysctl_max_tw_buckets", d->is.u32, t->at.net_time_wait_limit - outer);
    return row;
}

static uint32_t describe_core(struct describer *d)
{
    const struct guest_types *t = d->types;
    uint32_t places = (t->at.inuse_size - t->at.inuse_values) / 4;
    uint32_t values = btf_write_array(&d->writer, d->is.u32, d->is.u32, places);
    (void)composite(d, "prot_inuse", t->at.inuse_size);
    member(d, "val", values, t->at.inuse_values);
    (void)composite(d, "proto", t->proto_size);
    member(d, "inuse_idx", d->is.u32, t->at.proto_inuse_index);
    uint32_t core = composite(d, "netns_core", 40);
    member(d, "prot_inuse", d->is.pointer, t->at.net_inuse - t->net_core);
    return core;
}

static void describe_net(struct describer *d)
{
    const struct guest_types *t = d->types;
    const struct kernel_members *at = &t->at;
    uint32_t common = composite(d, "ns_common", 32);
    member(d, "inum", d->is.u32, at->net_inum - t->net_ns);
    uint32_t row = describe_death_row(d);
    uint32_t ipv4 = composite(d, "netns_ipv4", 256);
    member(d, "tcp_death_row", row, t->death_row);
    uint32_t mib = describe_mibs(d);
    uint32_t core = describe_core(d);
    (void)composite(d, "net", t->net_size);
    member(d, "list", d->is.list, at->net_list);
    member(d, "ns", common, t->net_ns);
    member(d, "hash_mix", d->is.u32, at->net_hash_mix);
    member(d, "net_cookie", d->is.u64, at->net_cookie);
    member(d, "core", core, t->net_core);
    member(d, "ipv4", ipv4, t->net_ipv4);
    member(d, "mib", mib, t->net_mib);
}

static void describe_socket(struct describer *d)
{
    const struct guest_types *t = d->types;
    uint32_t socket = composite(d, "socket", 128);
    member(d, "file", d->is.pointer, t->at.socket_file);
    uint32_t value = composite(d, "", 4);
    member(d, "val", d->is.u32, 0);
    uint32_t uid = btf_write_type(&d->writer, WRITE_TYPEDEF, "kuid_t", value);
    uint32_t inode = composite(d, "inode", 600);
    member(d, "i_uid", uid, t->at.socket_inode_uid - t->vfs_inode);
    member(d, "i_ino", d->is.u64, t->at.socket_inode_number - t->vfs_inode);
    (void)composite(d, "socket_alloc", t->socket_alloc_size);
    member(d, "socket", socket, 0);
    member(d, "vfs_inode", inode, t->vfs_inode);
}

static void describe_process(struct describer *d)
{
    const struct guest_types *t = d->types;
    uint32_t comm = btf_write_array(&d->writer, d->is.character, d->is.u32, 16);
    (void)composite(d, "task_struct", t->task_size);
    member(d, "tasks", d->is.list, t->at.task_tasks);
    member(d, "tgid", d->is.u32, t->at.task_tgid);
    member(d, "comm", comm, t->at.task_comm);
    member(d, "files", d->is.pointer, t->at.task_files);
    (void)composite(d, "files_struct", t->files_size);
    member(d, "fdt", d->is.pointer, t->at.files_fdt);
    (void)composite(d, "fdtable", t->fdtable_size);
    member(d, "max_fds", d->is.u32, t->at.fdtable_max_fds);
    member(d, "fd", d->is.pointer, t->at.fdtable_fd);
    (void)composite(d, "cgroup", t->cgroup_size);
    member(d, "kn", d->is.pointer, t->at.cgroup_kn);
    (void)composite(d, "kernfs_node", t->kernfs_size);
    member(d, t->kernfs_parent_name, d->is.pointer, t->at.kernfs_parent);
    member(d, "name", d->is.text, t->at.kernfs_name);
}

static void describe_system(struct describer *d)
{
    const struct guest_types *t = d->types;
    uint32_t field = btf_write_array(&d->writer, d->is.character, d->is.u32, 65);
    uint32_t name = composite(d, "new_utsname", 390);
    member(d, "sysname", field, 0);
    member(d, "nodename", field, 65);
    member(d, "release", field, t->at.uts_release - t->uts_name);
    (void)composite(d, "uts_namespace", t->uts_size);
    member(d, "name", name, t->uts_name);
    (void)composite(d, "resource", t->resource_size);
    member(d, "start", d->is.u64, t->at.resource_start);
    member(d, "end", d->is.u64, t->at.resource_end);
    member(d, "name", d->is.text, t->at.resource_name);
    member(d, "sibling", d->is.pointer, t->at.resource_sibling);
    member(d, "child", d->is.pointer, t->at.resource_child);
    uint32_t bits = btf_write_array(&d->writer, d->is.u64, d->is.u32, t->at.cpumask_size / 8);
    uint32_t mask = composite(d, "cpumask", t->at.cpumask_size);
    member(d, "bits", bits, 0);
    (void)btf_write_type(&d->writer, WRITE_TYPEDEF, "cpumask_t", mask);
}

/* Enumerations of counters: those of IPv6 have the names of IPv4 but for ICMP's. */
static void describe_counters(struct describer *d)
{
    static const struct {
        enum kernel_counter first;
        const char *names[10];
    } enums[] = {
        {COUNTER_ACTIVE_OPENS,
         {"TCP_MIB_NUM", "TCP_MIB_ACTIVEOPENS", "TCP_MIB_PASSIVEOPENS", "TCP_MIB_ATTEMPTFAILS",
          "TCP_MIB_ESTABRESETS", "TCP_MIB_CURRESTAB", "TCP_MIB_INSEGS", "TCP_MIB_OUTSEGS",
          "TCP_MIB_RETRANSSEGS", "TCP_MIB_OUTRSTS"}},
        {COUNTER_TIME_WAITED,
         {"LINUX_MIB_NUM", "LINUX_MIB_TIMEWAITED", "LINUX_MIB_TIMEWAITRECYCLED",
          "LINUX_MIB_TIMEWAITKILLED", "LINUX_MIB_TCPTIMEWAITOVERFLOW",
          "LINUX_MIB_TCPABORTONTIMEOUT"}},
        {COUNTER_UDP_IN,
         {"UDP_MIB_NUM", "UDP_MIB_INDATAGRAMS", "UDP_MIB_NOPORTS", "UDP_MIB_INERRORS",
          "UDP_MIB_OUTDATAGRAMS"}},
        {COUNTER_ICMP_IN, {"ICMP_MIB_NUM", "ICMP_MIB_INMSGS", "ICMP_MIB_OUTMSGS"}},
        {COUNTER_ICMP6_IN, {"ICMP6_MIB_NUM", "ICMP6_MIB_INMSGS", "ICMP6_MIB_OUTMSGS"}},
        {COUNTER_IP_IN_OCTETS,
         {"IPSTATS_MIB_NUM", "IPSTATS_MIB_INOCTETS", "IPSTATS_MIB_INDELIVERS",
          "IPSTATS_MIB_OUTFORWDATAGRAMS", "IPSTATS_MIB_OUTOCTETS"}},
    };
    for (size_t i = 0; i < sizeof enums / sizeof *enums; i++) {
        (void)btf_write_type(&d->writer, WRITE_ENUM, "", 4);
        btf_write_enumerator(&d->writer, enums[i].names[0], 0);
        for (unsigned j = 1; j < 10 && enums[i].names[j] != NULL; j++)
            btf_write_enumerator(&d->writer, enums[i].names[j],
                                 d->types->counters[enums[i].first + j - 1]);
    }
}

struct buffer guest_types_btf(const struct guest_types *types, unsigned padding)
{
    struct describer d = {.types = types};
    btf_write_open(&d.writer);
    describe_integers(&d);
    describe_lists(&d);
    describe_distractions(&d, padding);
    uint32_t common = describe_sock_common(&d);
    describe_tcp_sock(&d, common);
    describe_tables(&d);
    describe_net(&d);
    describe_socket(&d);
    describe_process(&d);
    describe_system(&d);
    describe_counters(&d);
    return btf_write_close(&d.writer);
}
