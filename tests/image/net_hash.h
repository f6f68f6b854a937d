/*
 * Linux's hashes of TCP tuples, written from their description a second time, so that the tests do
 * not use the code that they test (include/linux/jhash.h, net/ipv4/inet_hashtables.c,
 * net/ipv6/inet6_hashtables.c, include/net/ip.h, include/net/ipv6.h).
 */
#ifndef IMAGE_NET_HASH_H
#define IMAGE_NET_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/record/socket.h"

struct net_hash_keys {
    uint32_t v4;         /* inet_ehash_secret */
    uint32_t v6;         /* inet6_ehash_secret */
    uint32_t v6_address; /* tcp_ipv6_hash_secret */
    bool folded_v6;      /* __ipv6_addr_jhash of before 6.5: the first two words folded into one */
};

/* jhash2: Jenkins' hash over `count` words. */
uint32_t net_hash_words(const uint32_t *words, size_t count, uint32_t initial);

/* skc_hash of a connection in a namespace of hash_mix `mix`; ip_version chooses the function. */
uint32_t net_hash_tuple(const struct net_hash_keys *keys, const struct socket_tuple *tuple,
                        uint32_t mix);

/* Hash of a listener's address and port: it is in bucket (result & lhash2_mask). */
uint32_t net_hash_listener(const struct socket_tuple *tuple, uint32_t mix);

#endif
