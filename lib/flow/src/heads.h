/* Heads of chains over a hash: a power of two of them, at least as many as entries. */
#ifndef FLOW_HEADS_H
#define FLOW_HEADS_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t heads_for(uint32_t entries)
{
    uint32_t heads = 1;
    while (heads < entries)
        heads *= 2;
    return heads;
}

/* Their bytes, rounded up so that what follows is aligned. */
static inline size_t heads_bytes(uint32_t entries)
{
    size_t bytes = heads_for(entries) * sizeof(uint32_t);
    return (bytes + 7) & ~(size_t)7;
}

#endif
