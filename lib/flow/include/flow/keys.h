/*
 * Keys of the hashes in flow/: drawn from one number that the guest cannot know.
 *
 * The hash is pair-multiply-shift (Thorup, High Speed Hashing for Integers and Strings,
 * arXiv:1504.06804, section 3.5) over words of 32 bits. It is strongly universal: whatever two
 * names a guest chooses, they share one of m chains with a chance of 1/m.
 */
#ifndef FLOW_KEYS_H
#define FLOW_KEYS_H

#include <stdint.h>

enum {
    FLOW_KEYS = 12
};

struct flow_keys {
    uint64_t words[FLOW_KEYS];
    uint64_t sum;
};

struct flow_keys flow_keys_of(uint64_t seed);

#endif
