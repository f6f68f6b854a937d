#include "net_hash.h"

#include <string.h>

struct state {
    uint32_t a, b, c;
};

static uint32_t turn(uint32_t value, unsigned bits)
{
    return value << bits | value >> (32 - bits);
}

static uint32_t word_at(const unsigned char *bytes, unsigned index)
{
    uint32_t word;
    memcpy(&word, bytes + (size_t)4 * index, sizeof word);
    return word;
}

/* One step of the mixing round: x takes y away, turns with it, and y grows by z. */
static void step(uint32_t *x, uint32_t *y, uint32_t z, unsigned bits)
{
    *x = (*x - *y) ^ turn(*y, bits);
    *y += z;
}

static void mix(struct state *s)
{
    step(&s->a, &s->c, s->b, 4);
    step(&s->b, &s->a, s->c, 6);
    step(&s->c, &s->b, s->a, 8);
    step(&s->a, &s->c, s->b, 16);
    step(&s->b, &s->a, s->c, 19);
    step(&s->c, &s->b, s->a, 4);
}

static void end_step(uint32_t *x, uint32_t y, unsigned bits)
{
    *x = (*x ^ y) - turn(y, bits);
}

static uint32_t finish(struct state s)
{
    end_step(&s.c, s.b, 14);
    end_step(&s.a, s.c, 11);
    end_step(&s.b, s.a, 25);
    end_step(&s.c, s.b, 16);
    end_step(&s.a, s.c, 4);
    end_step(&s.b, s.a, 14);
    end_step(&s.c, s.b, 24);
    return s.c;
}

uint32_t net_hash_words(const uint32_t *words, size_t count, uint32_t initial)
{
    uint32_t start = 0xdeadbeefU + (uint32_t)(4 * count) + initial;
    struct state s = {start, start, start};
    for (; count > 3; count -= 3, words += 3) {
        s.a += words[0];
        s.b += words[1];
        s.c += words[2];
        mix(&s);
    }
    s.a += count > 0 ? words[0] : 0;
    s.b += count > 1 ? words[1] : 0;
    s.c += count > 2 ? words[2] : 0;
    return count == 0 ? s.c : finish(s);
}

static uint32_t address_hash(const struct net_hash_keys *keys, const unsigned char *address)
{
    uint32_t words[4] = {word_at(address, 0), word_at(address, 1), word_at(address, 2),
                         word_at(address, 3)};
    if (!keys->folded_v6)
        return net_hash_words(words, 4, keys->v6_address);
    words[1] ^= words[0];
    return net_hash_words(words + 1, 3, keys->v6_address);
}

uint32_t net_hash_tuple(const struct net_hash_keys *keys, const struct socket_tuple *tuple,
                        uint32_t mix_in)
{
    uint32_t foreign_port = (uint32_t)(tuple->remote_port >> 8 | (tuple->remote_port & 0xff) << 8);
    uint32_t ports = (uint32_t)tuple->local_port << 16 | foreign_port;
    if (tuple->ip_version == 4)
        return net_hash_words(
            (uint32_t[]){word_at(tuple->local, 0), word_at(tuple->remote, 0), ports}, 3,
            keys->v4 + mix_in);
    return net_hash_words(
        (uint32_t[]){word_at(tuple->local, 3), address_hash(keys, tuple->remote), ports}, 3,
        keys->v6 + mix_in);
}

uint32_t net_hash_listener(const struct socket_tuple *tuple, uint32_t mix_in)
{
    static const unsigned char any[16];
    uint32_t words[4] = {word_at(tuple->local, 0), word_at(tuple->local, 1),
                         word_at(tuple->local, 2), word_at(tuple->local, 3)};
    bool one_word = tuple->ip_version == 4 || memcmp(tuple->local, any, sizeof any) == 0;
    return net_hash_words(words, one_word ? 1 : 4, mix_in) ^ tuple->local_port;
}
