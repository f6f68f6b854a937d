/*
 * Keys of the hashes in flow/: drawn from one number that the guest cannot know.
 *
 * A name is six words of 64 bits. Its hash is NH (Black, Halevi, Krawczyk, Krovetz, Rogaway: UMAC,
 * Fast and Secure Message Authentication, CRYPTO 1999, section 4): whatever two names a guest
 * chooses, their sums of 128 bits are equal with a chance of 2^-64 at most. The halves of the sum,
 * folded, choose the chain.
 */
#ifndef FLOW_KEYS_H
#define FLOW_KEYS_H

#include <stdint.h>

enum {
    FLOW_NAME_WORDS = 6
};

struct flow_keys {
    uint64_t words[FLOW_NAME_WORDS];
};

struct flow_keys flow_keys_of(uint64_t seed);

#endif
