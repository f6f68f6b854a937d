#include "members.h"

#include "base/bytes.h"
#include "base/checked.h"

/* No structure that is used here is nearly as large: a larger one is a lie. */
#define STRUCTURE_MAX (1U << 20)

/* A row of the table: where the offset of structure.path goes. */
struct row {
    const char *structure;
    const char *path; /* "" for the size; a second row with the same field is an alternative */
    uint16_t field;   /* offset of a uint32_t in struct kernel_members */
    uint8_t width;    /* bytes that the walks read there: all must lie in the structure */
    uint8_t need;
};

enum {
    REQUIRED,
    OPTIONAL
};

#define TO(member) offsetof(struct kernel_members, member)

static const struct row rows[] = {
    {"sock_common", "skc_daddr", TO(common_daddr), 4, REQUIRED},
    {"sock_common", "skc_rcv_saddr", TO(common_rcv_saddr), 4, REQUIRED},
    {"sock_common", "skc_hash", TO(common_hash), 4, REQUIRED},
    {"sock_common", "skc_dport", TO(common_dport), 2, REQUIRED},
    {"sock_common", "skc_num", TO(common_num), 2, REQUIRED},
    {"sock_common", "skc_family", TO(common_family), 2, REQUIRED},
    {"sock_common", "skc_state", TO(common_state), 1, REQUIRED},
    {"sock_common", "skc_bound_dev_if", TO(common_bound_if), 4, REQUIRED},
    {"sock_common", "skc_net", TO(common_net), 8, REQUIRED},
    {"sock_common", "skc_v6_daddr", TO(common_v6_daddr), 16, OPTIONAL},
    {"sock_common", "skc_v6_rcv_saddr", TO(common_v6_rcv_saddr), 16, OPTIONAL},
    {"sock_common", "skc_cookie", TO(common_cookie), 8, REQUIRED},
    {"sock_common", "skc_listener", TO(common_listener), 8, REQUIRED},
    {"sock_common", "skc_nulls_node", TO(common_nulls_node), 16, REQUIRED},
    {"sock_common", "skc_tw_snd_nxt", TO(common_tw_snd_nxt), 4, OPTIONAL},
    {"sock_common", "", TO(common_size), 0, REQUIRED},
    {"sock", "sk_socket", TO(sock_socket), 8, REQUIRED},
    {"sock", "sk_uid", TO(sock_uid), 4, OPTIONAL},
    {"sock", "sk_cgrp_data.cgroup", TO(sock_cgroup), 8, OPTIONAL},
    {"tcp_sock", "bytes_acked", TO(tcp_bytes_acked), 8, OPTIONAL},
    {"tcp_sock", "bytes_received", TO(tcp_bytes_received), 8, OPTIONAL},
    {"tcp_sock", "bytes_sent", TO(tcp_bytes_sent), 8, OPTIONAL},
    {"tcp_sock", "segs_in", TO(tcp_segs_in), 4, OPTIONAL},
    {"tcp_sock", "segs_out", TO(tcp_segs_out), 4, OPTIONAL},
    {"inet_timewait_sock", "tw_substate", TO(timewait_substate), 1, OPTIONAL},
    {"inet_hashinfo", "ehash", TO(hashinfo_ehash), 8, REQUIRED},
    {"inet_hashinfo", "ehash_mask", TO(hashinfo_ehash_mask), 4, REQUIRED},
    {"inet_hashinfo", "lhash2", TO(hashinfo_lhash2), 8, REQUIRED},
    {"inet_hashinfo", "lhash2_mask", TO(hashinfo_lhash2_mask), 4, REQUIRED},
    {"inet_ehash_bucket", "", TO(ehash_bucket_size), 0, REQUIRED},
    {"inet_ehash_bucket", "chain", TO(ehash_bucket_chain), 8, REQUIRED},
    {"inet_listen_hashbucket", "", TO(listen_bucket_size), 0, REQUIRED},
    {"inet_listen_hashbucket", "nulls_head", TO(listen_bucket_head), 8, REQUIRED},
    {"net", "list", TO(net_list), 16, REQUIRED},
    {"net", "ns.inum", TO(net_inum), 4, REQUIRED},
    {"net", "hash_mix", TO(net_hash_mix), 4, REQUIRED},
    {"net", "ipv4.tcp_death_row.hashinfo", TO(net_hashinfo), 8, REQUIRED},
    {"net", "net_cookie", TO(net_cookie), 8, OPTIONAL},
    {"net", "ipv4.tcp_death_row.tw_refcount", TO(net_time_wait_use), 4, OPTIONAL},
    {"net", "ipv4.tcp_death_row.sysctl_max_tw_buckets", TO(net_time_wait_limit), 4, OPTIONAL},
    {"net", "core.prot_inuse", TO(net_inuse), 8, OPTIONAL},
    {"net", "mib.tcp_statistics", TO(net_mibs[MIB_TCP]), 8, OPTIONAL},
    {"net", "mib.net_statistics", TO(net_mibs[MIB_LINUX]), 8, OPTIONAL},
    {"net", "mib.udp_statistics", TO(net_mibs[MIB_UDP]), 8, OPTIONAL},
    {"net", "mib.udp_stats_in6", TO(net_mibs[MIB_UDP6]), 8, OPTIONAL},
    {"net", "mib.icmp_statistics", TO(net_mibs[MIB_ICMP]), 8, OPTIONAL},
    {"net", "mib.icmpv6_statistics", TO(net_mibs[MIB_ICMP6]), 8, OPTIONAL},
    {"net", "mib.ip_statistics", TO(net_mibs[MIB_IP]), 8, OPTIONAL},
    {"net", "mib.ipv6_statistics", TO(net_mibs[MIB_IP6]), 8, OPTIONAL},
    {"prot_inuse", "val", TO(inuse_values), 4, OPTIONAL},
    {"prot_inuse", "", TO(inuse_size), 0, OPTIONAL},
    {"proto", "inuse_idx", TO(proto_inuse_index), 4, OPTIONAL},
    {"socket", "file", TO(socket_file), 8, REQUIRED},
    {"socket_alloc", "vfs_inode.i_ino", TO(socket_inode_number), 8, REQUIRED},
    {"socket_alloc", "vfs_inode.i_uid", TO(socket_inode_uid), 4, REQUIRED},
    {"task_struct", "tasks", TO(task_tasks), 16, OPTIONAL},
    {"task_struct", "files", TO(task_files), 8, OPTIONAL},
    {"task_struct", "tgid", TO(task_tgid), 4, OPTIONAL},
    {"task_struct", "comm", TO(task_comm), 16, OPTIONAL},
    {"files_struct", "fdt", TO(files_fdt), 8, OPTIONAL},
    {"fdtable", "max_fds", TO(fdtable_max_fds), 4, OPTIONAL},
    {"fdtable", "fd", TO(fdtable_fd), 8, OPTIONAL},
    {"cgroup", "kn", TO(cgroup_kn), 8, OPTIONAL},
    {"kernfs_node", "name", TO(kernfs_name), 8, OPTIONAL},
    {"kernfs_node", "parent", TO(kernfs_parent), 8, OPTIONAL},
    {"kernfs_node", "__parent", TO(kernfs_parent), 8, OPTIONAL},
    {"uts_namespace", "name.release", TO(uts_release), 65, REQUIRED},
    {"resource", "start", TO(resource_start), 8, OPTIONAL},
    {"resource", "end", TO(resource_end), 8, OPTIONAL},
    {"resource", "name", TO(resource_name), 8, OPTIONAL},
    {"resource", "sibling", TO(resource_sibling), 8, OPTIONAL},
    {"resource", "child", TO(resource_child), 8, OPTIONAL},
    {"cpumask", "", TO(cpumask_size), 0, OPTIONAL},
};

enum {
    ROWS = sizeof rows / sizeof *rows
};

/* The walks take one structure for the head of another; so it must be at offset 0 there. */
static const struct {
    const char *structure, *path;
} heads[] = {
    {"sock", "__sk_common"},
    {"tcp_sock", "inet_conn.icsk_inet.sk"},
    {"inet_timewait_sock", "__tw_common"},
    {"socket_alloc", "socket"},
};

enum {
    HEADS = sizeof heads / sizeof *heads
};

/* IPv4 and IPv6 count by the same names where their arrays are of one type. */
static const struct {
    const char *name;
    enum kernel_counter counter;
} counter_names[] = {
    {"TCP_MIB_ACTIVEOPENS", COUNTER_ACTIVE_OPENS},
    {"TCP_MIB_PASSIVEOPENS", COUNTER_PASSIVE_OPENS},
    {"TCP_MIB_ATTEMPTFAILS", COUNTER_ATTEMPT_FAILS},
    {"TCP_MIB_ESTABRESETS", COUNTER_ESTAB_RESETS},
    {"TCP_MIB_CURRESTAB", COUNTER_CURR_ESTAB},
    {"TCP_MIB_INSEGS", COUNTER_IN_SEGS},
    {"TCP_MIB_OUTSEGS", COUNTER_OUT_SEGS},
    {"TCP_MIB_RETRANSSEGS", COUNTER_RETRANS_SEGS},
    {"TCP_MIB_OUTRSTS", COUNTER_OUT_RSTS},
    {"LINUX_MIB_TIMEWAITED", COUNTER_TIME_WAITED},
    {"LINUX_MIB_TIMEWAITRECYCLED", COUNTER_TIME_WAIT_RECYCLED},
    {"LINUX_MIB_TIMEWAITKILLED", COUNTER_TIME_WAIT_KILLED},
    {"LINUX_MIB_TCPTIMEWAITOVERFLOW", COUNTER_TIME_WAIT_OVERFLOW},
    {"LINUX_MIB_TCPABORTONTIMEOUT", COUNTER_ABORT_ON_TIMEOUT},
    {"UDP_MIB_INDATAGRAMS", COUNTER_UDP_IN},
    {"UDP_MIB_INDATAGRAMS", COUNTER_UDP6_IN},
    {"UDP_MIB_NOPORTS", COUNTER_UDP_NO_PORTS},
    {"UDP_MIB_NOPORTS", COUNTER_UDP6_NO_PORTS},
    {"UDP_MIB_INERRORS", COUNTER_UDP_ERRORS},
    {"UDP_MIB_INERRORS", COUNTER_UDP6_ERRORS},
    {"UDP_MIB_OUTDATAGRAMS", COUNTER_UDP_OUT},
    {"UDP_MIB_OUTDATAGRAMS", COUNTER_UDP6_OUT},
    {"ICMP_MIB_INMSGS", COUNTER_ICMP_IN},
    {"ICMP_MIB_OUTMSGS", COUNTER_ICMP_OUT},
    {"ICMP6_MIB_INMSGS", COUNTER_ICMP6_IN},
    {"ICMP6_MIB_OUTMSGS", COUNTER_ICMP6_OUT},
    {"IPSTATS_MIB_INOCTETS", COUNTER_IP_IN_OCTETS},
    {"IPSTATS_MIB_INOCTETS", COUNTER_IP6_IN_OCTETS},
    {"IPSTATS_MIB_INDELIVERS", COUNTER_IP_DELIVERED},
    {"IPSTATS_MIB_INDELIVERS", COUNTER_IP6_DELIVERED},
    {"IPSTATS_MIB_OUTFORWDATAGRAMS", COUNTER_IP_FORWARDED},
    {"IPSTATS_MIB_OUTFORWDATAGRAMS", COUNTER_IP6_FORWARDED},
    {"IPSTATS_MIB_OUTOCTETS", COUNTER_IP_OUT_OCTETS},
    {"IPSTATS_MIB_OUTOCTETS", COUNTER_IP6_OUT_OCTETS},
};

_Static_assert(sizeof counter_names / sizeof *counter_names == COUNTERS_IN_MIBS,
               "every counter has a name");

struct counter_room {
    uint32_t *index;
};

static void note_counter(void *context, const char *name, uint32_t value)
{
    const struct counter_room *room = context;
    size_t length = text_length(name, BTF_NAME_SIZE);
    for (size_t i = 0; i < COUNTERS_IN_MIBS; i++)
        if (text_is(name, length, counter_names[i].name) && value < KERNEL_COUNTER_INDEX_MAX)
            room->index[counter_names[i].counter] = value;
}

/* The distinct structures of the tables. */
static size_t collect(struct btf_wanted wanted[BTF_WANTED_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < ROWS + HEADS && count < BTF_WANTED_MAX; i++) {
        const char *name = i < ROWS ? rows[i].structure : heads[i - ROWS].structure;
        size_t length = text_length(name, BTF_NAME_SIZE);
        size_t j = 0;
        while (j < count && !text_is(name, length, wanted[j].name))
            j++;
        if (j == count)
            wanted[count++] = (struct btf_wanted){.name = name, .id = 0};
    }
    return count;
}

static uint32_t id_of(const struct btf_wanted *wanted, size_t count, const char *name)
{
    size_t length = text_length(name, BTF_NAME_SIZE);
    for (size_t i = 0; i < count; i++)
        if (text_is(name, length, wanted[i].name))
            return wanted[i].id;
    return 0;
}

/* Offset of a path, or the size for "". A member of `width` bytes must end in its structure. */
static enum status locate(struct btf *btf, uint32_t structure, const char *path, uint32_t width,
                          uint32_t *offset)
{
    struct btf_member member;
    uint32_t size;
    enum status status = btf_size(btf, structure, &size);
    if (status == STATUS_OK && size > STRUCTURE_MAX)
        status = STATUS_MALFORMED;
    if (status != STATUS_OK)
        return status;
    if (*path == '\0') {
        *offset = size;
        return STATUS_OK;
    }
    status = btf_member(btf, structure, path, &member);
    if (status == STATUS_OK && !range_within(member.offset, width, size))
        status = STATUS_MALFORMED;
    if (status == STATUS_OK)
        *offset = member.offset;
    return status;
}

static bool tolerable(enum status status, uint8_t need)
{
    return need == OPTIONAL && (status == STATUS_NOT_FOUND || status == STATUS_UNSUPPORTED);
}

static enum status fill(struct btf *btf, const struct btf_wanted *wanted, size_t count,
                        struct kernel_members *members, struct evidence *evidence)
{
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t offset = 0;
        uint32_t id = id_of(wanted, count, rows[i].structure);
        enum status status = locate(btf, id, rows[i].path, rows[i].width, &offset);
        if (status == STATUS_OK)
            bytes_copy((char *)members + rows[i].field, &offset, sizeof offset);
        else if (!tolerable(status, rows[i].need))
            return refuse(evidence, status, *rows[i].path ? rows[i].path : rows[i].structure, i);
    }
    return STATUS_OK;
}

static enum status check_heads(struct btf *btf, const struct btf_wanted *wanted, size_t count,
                               struct evidence *evidence)
{
    for (size_t i = 0; i < HEADS; i++) {
        uint32_t offset = 0;
        uint32_t id = id_of(wanted, count, heads[i].structure);
        enum status status = locate(btf, id, heads[i].path, 0, &offset);
        if (status == STATUS_OK && offset != 0)
            status = STATUS_UNSUPPORTED;
        if (status != STATUS_OK)
            return refuse(evidence, status, heads[i].path, offset);
    }
    return STATUS_OK;
}

enum status members_find(struct btf *btf, struct kernel_members *members,
                         uint32_t counters[COUNTERS_IN_MIBS], struct evidence *evidence)
{
    struct btf_wanted wanted[BTF_WANTED_MAX];
    uint32_t indices[COUNTERS_IN_MIBS];
    struct kernel_members found;
    struct counter_room room = {indices};
    size_t count = collect(wanted);
    struct btf_visitor visitor = {wanted, count, note_counter, &room};
    __builtin_memset(&found, 0xff, sizeof found);
    __builtin_memset(indices, 0xff, sizeof indices);
    enum status status = btf_scan(btf, &visitor, evidence);
    if (status == STATUS_OK)
        status = fill(btf, wanted, count, &found, evidence);
    if (status == STATUS_OK)
        status = check_heads(btf, wanted, count, evidence);
    if (status != STATUS_OK)
        return status;
    *members = found;
    bytes_copy(counters, indices, sizeof indices);
    return STATUS_OK;
}
