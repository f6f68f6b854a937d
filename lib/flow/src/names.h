/*
 * What names a flow: compared and hashed for each socket of each walk, so everything here is in
 * line, and addresses are compared where they stand.
 */
#ifndef FLOW_NAMES_H
#define FLOW_NAMES_H

#include "base/record/socket.h"
#include "flow/keys.h"

enum {
    NAMES_ADDRESSES = 32 /* bytes: the local address, then the remote one */
};

struct names {
    const unsigned char *addresses; /* as struct socket_tuple has them */
    uint64_t ends;                  /* ip_version << 32 | remote_port << 16 | local_port */
    uint64_t place;                 /* netns << 32 | bound_if */
};

_Static_assert(__builtin_offsetof(struct socket_tuple, local) == 0 &&
                   __builtin_offsetof(struct socket_tuple, remote) == NAMES_ADDRESSES / 2,
               "a tuple begins with its addresses");

static inline struct names names_of(const struct socket_record *record)
{
    const struct socket_tuple *tuple = &record->tuple;
    uint32_t ports = (uint32_t)tuple->remote_port << 16 | tuple->local_port;
    return (struct names){.addresses = (const unsigned char *)tuple,
                          .ends = (uint64_t)tuple->ip_version << 32 | ports,
                          .place = (uint64_t)record->netns << 32 | record->bound_if};
}

static inline uint16_t names_local_port(uint64_t ends)
{
    return (uint16_t)ends;
}

static inline uint16_t names_remote_port(uint64_t ends)
{
    return (uint16_t)(ends >> 16);
}

static inline uint8_t names_ip_version(uint64_t ends)
{
    return (uint8_t)(ends >> 32);
}

/* The names of the other end, in the same namespace; `addresses` has room for its own. */
static inline struct names names_mirrored(const struct names *names,
                                          unsigned char addresses[NAMES_ADDRESSES])
{
    const size_t half = NAMES_ADDRESSES / 2;
    uint32_t ports = (uint32_t)names_local_port(names->ends) << 16 | names_remote_port(names->ends);
    bytes_copy(addresses, names->addresses + half, half);
    bytes_copy(addresses + half, names->addresses, half);
    return (struct names){
        .addresses = addresses, .ends = names->ends >> 32 << 32 | ports, .place = names->place};
}

static inline bool names_equal(const struct names *a, const struct names *b)
{
    return a->ends == b->ends && a->place == b->place &&
           bytes_equal(a->addresses, b->addresses, NAMES_ADDRESSES);
}

static inline unsigned __int128 names_pair(const struct flow_keys *keys, unsigned first, uint64_t a,
                                           uint64_t b)
{
    return (unsigned __int128)(keys->words[first] + a) * (keys->words[first + 1] + b);
}

static inline uint32_t names_hash(const struct flow_keys *keys, const struct names *names)
{
    const unsigned char *words = names->addresses;
    unsigned __int128 sum = names_pair(keys, 0, names->ends, names->place) +
                            names_pair(keys, 2, load_le64(words), load_le64(words + 16)) +
                            names_pair(keys, 4, load_le64(words + 8), load_le64(words + 24));
    return (uint32_t)sum ^ (uint32_t)(sum >> 64);
}

#endif
