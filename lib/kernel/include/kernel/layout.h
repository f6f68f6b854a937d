/*
 * Where the guest kernel keeps what the walks need: the result of discovery.
 *
 * A kernel_layout comes only out of discovery (kernel/discover.h), which has checked it
 * against the guest's memory. Every offset is the kernel's own, from its BTF.
 */
#ifndef KERNEL_LAYOUT_H
#define KERNEL_LAYOUT_H

#include "base/record/counters.h"
#include "guestmem/paging.h"

/* Offset of a member that this kernel's structures do not have. */
#define KERNEL_ABSENT 0xffffffffU

/*
 * The walks copy struct sock_common whole: discovery refuses a larger one, and any member of it
 * that does not end inside. Twice today's size is room for other configurations.
 */
enum {
    KERNEL_COMMON_MAX = 512
};

/*
 * The arrays of counters, one instance a possible CPU. Each begins its structure, as Linux itself
 * takes for granted (snmp_get_cpu_field, net/ipv4/af_inet.c).
 */
enum kernel_mib {
    MIB_TCP,
    MIB_LINUX,
    MIB_UDP,
    MIB_UDP6,
    MIB_ICMP,
    MIB_ICMP6,
    MIB_IP,
    MIB_IP6,
    KERNEL_MIBS
};

enum {
    COUNTERS_IN_MIBS = COUNTER_RAW_SOCKETS, /* these, and then those that are not */
    KERNEL_COUNTER_INDEX_MAX = 1024         /* entries of an array; Linux has fewer than 150 */
};

/* Byte offsets of members, named structure_member. */
struct kernel_members {
    uint32_t common_daddr, common_rcv_saddr, common_hash, common_dport, common_num;
    uint32_t common_family, common_state, common_bound_if, common_net;
    uint32_t common_v6_daddr, common_v6_rcv_saddr, common_cookie, common_listener;
    uint32_t common_nulls_node, common_tw_snd_nxt, common_size;
    uint32_t sock_socket, sock_uid, sock_cgroup;
    uint32_t tcp_bytes_acked, tcp_bytes_received, tcp_bytes_sent, tcp_segs_in, tcp_segs_out;
    uint32_t timewait_substate;
    uint32_t hashinfo_ehash, hashinfo_ehash_mask, hashinfo_lhash2, hashinfo_lhash2_mask;
    uint32_t ehash_bucket_size, ehash_bucket_chain, listen_bucket_size, listen_bucket_head;
    uint32_t net_list, net_inum, net_hash_mix, net_hashinfo, net_cookie;
    uint32_t net_time_wait_use, net_time_wait_limit, net_inuse;
    uint32_t net_mibs[KERNEL_MIBS]; /* per-CPU pointers */
    uint32_t inuse_values, inuse_size, proto_inuse_index;
    uint32_t socket_file, socket_inode_number, socket_inode_uid;
    uint32_t task_tasks, task_files, task_tgid, task_comm;
    uint32_t files_fdt, fdtable_max_fds, fdtable_fd;
    uint32_t cgroup_kn, kernfs_name, kernfs_parent;
    uint32_t uts_release, resource_start, resource_end, resource_name, resource_sibling;
    uint32_t resource_child, cpumask_size;
};

/* Addresses of kernel symbols; 0: the kernel has no such symbol. */
struct kernel_symbols {
    struct gva text, stext, end, init_top_pgt, vmcoreinfo_note, init_uts_ns;
    struct gva page_offset_base, iomem_resource;
    struct gva btf_start, btf_stop;
    struct gva init_net, net_namespace_list, tcp_hashinfo, ehashfn, ehashfn6;
    struct gva init_task, per_cpu_offset, cpu_possible_mask, linux_banner;
    struct gva raw_proto, raw6_proto; /* raw_prot, rawv6_prot */
    struct gva entry_syscall;         /* entry_SYSCALL_64, what LSTAR holds */
    struct gva jiffies;               /* jiffies_64 */
};

enum {
    KERNEL_RELEASE_SIZE = 65
};

struct kernel_layout {
    struct address_space space;
    struct gpa note;                   /* VMCOREINFO page, or 0 when found without it */
    struct gpa image;                  /* where _text is */
    char release[KERNEL_RELEASE_SIZE]; /* uname -r, NUL-terminated */
    struct kernel_symbols symbols;
    struct kernel_members members;
    uint32_t counters[COUNTERS_IN_MIBS]; /* index in the array of its mib; or KERNEL_ABSENT */
};

#endif
