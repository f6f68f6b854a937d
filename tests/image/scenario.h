/*
 * A complete synthetic guest in one call, with the list of sockets that a scan of it must give.
 *
 * The small world of every scenario: init_net; a namespace that shares its tables; one with a
 * private table. In init_net a web server (two processes share its listener) and a client, IPv4,
 * IPv6 and mapped tuples, TIME_WAIT in both substates, requests, an orphan, a child not yet
 * accepted; then `bulk` plain connections.
 */
#ifndef IMAGE_SCENARIO_H
#define IMAGE_SCENARIO_H

#include "process_writer.h"
#include "tcp_writer.h"
#include "watched_memory.h"

enum {
    SCENARIO_NETS = 3
};

#define SCENARIO_MIB 0x100000ULL

struct scenario_options {
    unsigned levels;      /* 4 or 5 */
    uint64_t kaslr;       /* shift of the kernel's virtual address, a multiple of 2 MiB */
    uint64_t page_offset; /* 0: the default of `levels` */
    uint64_t direct_leaf; /* page size of the direct map */
    uint64_t ram_size;
    uint64_t image_pa;
    uint64_t pages_from, pages_to;
    uint64_t above_4g; /* see struct guest_kernel_style */
    enum kallsyms_scheme scheme;
    enum kallsyms_order order;
    unsigned variant; /* of the structures, below GUEST_VARIANTS */
    unsigned fillers, padding;
    unsigned cpus;
    unsigned bulk;
    uint32_t buckets;         /* of the shared connection table */
    uint32_t private_buckets; /* of the private one */
    uint32_t listen_buckets;
    bool note;
    bool folded_v6; /* struct net_hash_keys */
    bool no_sockets;
};

struct scenario {
    struct scenario_options options;
    struct guest_image image;
    struct guest_kernel kernel;
    struct guest_net nets[SCENARIO_NETS];
    struct socket_record *truth; /* in no order */
    size_t truth_count;
    uint64_t server, worker, client;  /* tasks */
    uint64_t counters[COUNTER_COUNT]; /* sums in init_net */
};

/* 16 MiB, 4 levels, KASLR, a note, variant A, few bulk connections. */
struct scenario_options scenario_defaults(void);

/* Builds a guest in memory of its own, or in the RAM of `host` (its pages must not overlap). */
void scenario_create(struct scenario *scenario, const struct scenario_options *options,
                     const struct scenario *host);
void scenario_destroy(struct scenario *scenario);

/* The true record of a kernel object; NULL: there is none. */
const struct socket_record *scenario_truth(const struct scenario *scenario, struct gva sock);

/* A plain established IPv4 record of init_net's shape, number `n`; not yet written anywhere. */
struct socket_record scenario_plain(unsigned n);

/* Writes a socket and adds it to the truth; its record is valid until the next call. */
const struct socket_record *scenario_add(struct scenario *scenario, unsigned net, uint64_t listener,
                                         struct socket_record record);

/* The layout that discovery must find, made from what the writers know. */
struct kernel_layout scenario_layout(const struct scenario *scenario,
                                     const struct guestmem *memory);

#endif
