#include "flow/keys.h"

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15ULL;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

struct flow_keys flow_keys_of(uint64_t seed)
{
    struct flow_keys keys;
    for (unsigned i = 0; i < FLOW_NAME_WORDS; i++)
        keys.words[i] = draw(&seed);
    return keys;
}
