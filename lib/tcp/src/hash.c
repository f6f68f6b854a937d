#include "hash.h"

#include "base/bytes.h"

#define JHASH_INITVAL 0xdeadbeefU

static uint32_t rotate(uint32_t v, unsigned bits)
{
    return v << bits | v >> (32 - bits);
}

static uint32_t final(uint32_t a, uint32_t b, uint32_t c)
{
    c = (c ^ b) - rotate(b, 14);
    a = (a ^ c) - rotate(c, 11);
    b = (b ^ a) - rotate(a, 25);
    c = (c ^ b) - rotate(b, 16);
    a = (a ^ c) - rotate(c, 4);
    b = (b ^ a) - rotate(a, 14);
    return (c ^ b) - rotate(b, 24);
}

static uint32_t jhash_words(uint32_t a, uint32_t b, uint32_t c, uint32_t initial, unsigned words)
{
    uint32_t start = initial + JHASH_INITVAL + (words << 2);
    return final(a + start, b + start, c + start);
}

/* jhash2 over the four words of an IPv6 address: one full mixing round, then the last word. */
static uint32_t jhash_address(const uint32_t word[4], uint32_t initial)
{
    uint32_t a = word[0] + JHASH_INITVAL + 16 + initial;
    uint32_t b = word[1] + JHASH_INITVAL + 16 + initial;
    uint32_t c = word[2] + JHASH_INITVAL + 16 + initial;
    a = (a - c) ^ rotate(c, 4);
    c += b;
    b = (b - a) ^ rotate(a, 6);
    a += c;
    c = (c - b) ^ rotate(b, 8);
    b += a;
    a = (a - c) ^ rotate(c, 16);
    c += b;
    b = (b - a) ^ rotate(a, 19);
    a += c;
    c = (c - b) ^ rotate(b, 4);
    b += a;
    return final(a + word[3], b, c);
}

/* The kernel joins the local port in host order with the remote port as it stands on the wire. */
static uint32_t ports(const struct socket_tuple *tuple)
{
    return (uint32_t)tuple->local_port << 16 | __builtin_bswap16(tuple->remote_port);
}

uint32_t hash_v4(const struct socket_tuple *tuple, uint32_t key)
{
    return jhash_words(load_le32(tuple->local), load_le32(tuple->remote), ports(tuple), key, 3);
}

uint32_t hash_v6(const struct socket_tuple *tuple, uint32_t key, uint32_t address_secret,
                 unsigned kind)
{
    uint32_t word[4];
    bytes_copy(word, tuple->remote, sizeof word);
    uint32_t remote = kind == HASH_V6_FOLDED
                          ? jhash_words(word[0] ^ word[1], word[2], word[3], address_secret, 3)
                          : jhash_address(word, address_secret);
    return jhash_words(load_le32(tuple->local + 12), remote, ports(tuple), key, 3);
}

uint32_t hash_listener(const struct socket_tuple *tuple, uint32_t hash_mix)
{
    uint32_t word[4];
    bytes_copy(word, tuple->local, sizeof word);
    bool one_word = tuple->ip_version == 4 || (word[0] | word[1] | word[2] | word[3]) == 0;
    uint32_t hash =
        one_word ? jhash_words(word[0], 0, 0, hash_mix, 1) : jhash_address(word, hash_mix);
    return hash ^ tuple->local_port;
}
