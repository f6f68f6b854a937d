/*
 * Writes network namespaces, hash tables and sockets into a synthetic kernel.
 *
 * A socket is described by the record that a scan of it must produce; what the scan cannot know
 * beforehand (addresses, the check) is filled in by the writer.
 */
#ifndef IMAGE_TCP_WRITER_H
#define IMAGE_TCP_WRITER_H

#include "base/record/socket.h"
#include "kernel_writer.h"

struct guest_net {
    uint64_t at; /* struct net */
    uint32_t inum;
    uint32_t hash_mix;
    uint64_t hashinfo;
    uint64_t ehash;
    uint32_t buckets;
};

/* Makes net_namespace_list, tcp_hashinfo with its two tables, and init_net. Sizes: powers of 2. */
void tcp_write_init(struct guest_kernel *kernel, uint32_t buckets, uint32_t listen_buckets,
                    struct guest_net *net);

/*
 * One more namespace at the list's end. With `private_buckets` it has a connection table of its
 * own in the vmalloc area, and shares the listeners', as under net.ipv4.tcp_child_ehash_entries.
 */
void tcp_write_net(struct guest_kernel *kernel, uint32_t inum, uint32_t private_buckets,
                   struct guest_net *net);

/*
 * Makes a socket and puts it at the head of its chain. From `record` come the tuple, state,
 * object, flags, uids, inode, counters, file and cgroup; sock, net, netns,
 * hash and check are written to it.
 * `listener` is the address of a request's listening socket.
 */
void tcp_write_socket(struct guest_kernel *kernel, const struct guest_net *net, uint64_t listener,
                      struct socket_record *record);

/* Spreads `counters` over the CPUs; the sums wrap, as one CPU may count below zero. */
void tcp_write_counters(struct guest_kernel *kernel, const struct guest_net *net,
                        const uint64_t counters[COUNTER_COUNT]);

/* Address of the cell that points to a connection's chain, of a node's next pointer, of the hash.
 */
uint64_t tcp_bucket_cell(const struct guest_kernel *kernel, const struct guest_net *net,
                         uint32_t bucket);
uint64_t tcp_listen_cell(const struct guest_kernel *kernel, uint32_t bucket);
uint64_t tcp_node(const struct guest_kernel *kernel, uint64_t sock);
uint32_t tcp_hash(const struct guest_kernel *kernel, uint64_t sock);

#endif
