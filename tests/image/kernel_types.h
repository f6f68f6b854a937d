/*
 * The structures of the synthetic kernels: invented offsets, and the BTF that describes them.
 *
 * Two kernels, A and B, agree with no real kernel and with each other in nothing but the names, so
 * that code which knows a real number by heart fails on one of them.
 */
#ifndef IMAGE_KERNEL_TYPES_H
#define IMAGE_KERNEL_TYPES_H

#include "buffer.h"
#include "kernel/layout.h"

enum {
    GUEST_VARIANTS = 2
};

struct guest_types {
    struct kernel_members at; /* what discovery must find */
    uint32_t counters[COUNTERS_IN_MIBS];

    /* Where the outer members lie of which `at` knows only the sum. */
    uint32_t net_ns, net_ipv4, death_row, net_core, net_mib, sock_cgrp, vfs_inode, uts_name;
    uint32_t sock_size, tcp_size, timewait_size, hashinfo_size, net_size, socket_alloc_size;
    uint32_t task_size, files_size, fdtable_size, cgroup_size, kernfs_size, uts_size, resource_size;
    uint32_t proto_size, raw_index[2]; /* of raw_prot and rawv6_prot in struct prot_inuse */
    const char *kernfs_parent_name;    /* renamed to __parent in Linux 6.15 */
};

/* Variant 0 is A, 1 is B. */
const struct guest_types *guest_types(unsigned variant);

/*
 * The .BTF section of a kernel; the caller frees it. `padding` unrelated types come before the
 * ones that matter, so that a reader's sparse index has something to skip.
 */
struct buffer guest_types_btf(const struct guest_types *types, unsigned padding);

#endif
