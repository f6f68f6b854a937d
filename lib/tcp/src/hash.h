/*
 * The kernel's hashes over tuples, computed anew to confirm what was read.
 *
 * Source: Linux include/linux/jhash.h (Bob Jenkins' lookup3), net/ipv4/inet_hashtables.c
 * (inet_ehashfn), include/net/inet6_hashtables.h (__inet6_ehashfn), include/net/ipv6.h
 * (__ipv6_addr_jhash, ipv6_portaddr_hash), include/net/ip.h (ipv4_portaddr_hash).
 */
#ifndef TCP_HASH_H
#define TCP_HASH_H

#include "base/record/socket.h"

/* Keys of one namespace: the secret plus the namespace's hash_mix. */
uint32_t hash_v4(const struct socket_tuple *tuple, uint32_t key);

/*
 * How the remote IPv6 address is reduced to one word: by jhash2 over its four words, or, in older
 * kernels, by jhash_3words with the first two folded into one.
 */
enum hash_v6_kind {
    HASH_V6_FULL,
    HASH_V6_FOLDED,
    HASH_V6_KINDS
};

uint32_t hash_v6(const struct socket_tuple *tuple, uint32_t key, uint32_t address_secret,
                 unsigned kind);

/* Hash of a listener's local address and port; `v6_socket` with an IPv4 tuple is v4-mapped. */
uint32_t hash_listener(const struct socket_tuple *tuple, uint32_t hash_mix);

#endif
