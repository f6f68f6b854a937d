/*
 * What names a flow, as words: compared and hashed for each socket of each walk, so everything
 * here is inline and nothing of it is copied.
 */
#ifndef FLOW_NAMES_H
#define FLOW_NAMES_H

#include "base/record/socket.h"
#include "flow/keys.h"

struct names {
    uint64_t local[2]; /* addresses, their bytes as in struct socket_tuple */
    uint64_t remote[2];
    uint64_t ends;  /* ip_version << 32 | local_port << 16 | remote_port */
    uint64_t place; /* netns << 32 | bound_if */
};

static inline struct names names_of(const struct socket_record *record)
{
    const struct socket_tuple *tuple = &record->tuple;
    return (struct names){.local = {load_le64(tuple->local), load_le64(tuple->local + 8)},
                          .remote = {load_le64(tuple->remote), load_le64(tuple->remote + 8)},
                          .ends = (uint64_t)tuple->ip_version << 32 |
                                  (uint32_t)tuple->local_port << 16 | tuple->remote_port,
                          .place = (uint64_t)record->netns << 32 | record->bound_if};
}

static inline uint16_t names_local_port(const struct names *names)
{
    return (uint16_t)(names->ends >> 16);
}

static inline uint16_t names_remote_port(const struct names *names)
{
    return (uint16_t)names->ends;
}

static inline uint8_t names_ip_version(const struct names *names)
{
    return (uint8_t)(names->ends >> 32);
}

/* The names of the other end, in the same namespace. */
static inline struct names names_mirrored(const struct names *names)
{
    uint64_t version = names->ends >> 32;
    return (struct names){.local = {names->remote[0], names->remote[1]},
                          .remote = {names->local[0], names->local[1]},
                          .ends = version << 32 | (uint32_t)names_remote_port(names) << 16 |
                                  names_local_port(names),
                          .place = names->place};
}

static inline bool names_equal(const struct names *a, const struct names *b)
{
    return ((a->local[0] ^ b->local[0]) | (a->local[1] ^ b->local[1]) |
            (a->remote[0] ^ b->remote[0]) | (a->remote[1] ^ b->remote[1]) | (a->ends ^ b->ends) |
            (a->place ^ b->place)) == 0;
}

static inline uint64_t names_pair(const struct flow_keys *keys, unsigned first, uint64_t a,
                                  uint64_t b)
{
    return (keys->words[first] + (uint32_t)b) * (keys->words[first + 1] + (uint32_t)a);
}

/* An IPv4 address is one word: the pairs of the others would add the same to every sum. */
static inline uint32_t names_hash(const struct flow_keys *keys, const struct names *names)
{
    uint64_t sum = keys->sum + names_pair(keys, 0, names->ends, names->ends >> 32) +
                   names_pair(keys, 2, names->place, names->place >> 32) +
                   names_pair(keys, 4, names->local[0], names->remote[0]);
    if (names_ip_version(names) != 4)
        sum += names_pair(keys, 6, names->local[0] >> 32, names->remote[0] >> 32) +
               names_pair(keys, 8, names->local[1], names->remote[1]) +
               names_pair(keys, 10, names->local[1] >> 32, names->remote[1] >> 32);
    return (uint32_t)(sum >> 32);
}

#endif
