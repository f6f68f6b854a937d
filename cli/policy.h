/*
 * How much work and room the command line grants: every bound in one place, as functions of the
 * file's size and constants, never of a number in guest memory. Units: base/budget.h.
 */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include <stddef.h>
#include <stdint.h>

/* Processes' open files: first room, and where doubling ends (32 bytes each). */
enum {
    POLICY_OWNERS_FIRST = 1 << 16,
    POLICY_OWNERS_LAST = 1 << 24
};

/* Records of one hash bucket; rows held back so that printing does not slow the walk. */
enum {
    POLICY_CHAIN = 4096,
    POLICY_BACKLOG = 8192
};

/* Listeners remembered to tell which side opened a connection. */
enum {
    POLICY_LISTENERS = 1 << 16
};

/* Pages, each looked at once. */
static inline uint64_t policy_note_units(uint64_t size)
{
    return size / 4096 + 1024;
}

/* Every page, with room for the reads that follow up what looks promising. */
static inline uint64_t policy_token_units(uint64_t size)
{
    return 8 * (size / 4096) + (1 << 20);
}

/*
 * One hit of discovery. A file full of forged hits shares 64 M units among them, so that it
 * cannot buy time by their number.
 */
static inline uint64_t policy_attempt_units(size_t hits)
{
    uint64_t share = (UINT64_C(64) << 20) / (hits == 0 ? 1 : hits);
    return share < (8 << 20) ? share : 8 << 20;
}

/* The guest's resource tree, and the search for the hash secrets. */
enum {
    POLICY_LOOKUP_UNITS = 1 << 20
};

/* A walk of the socket tables or of the descriptor tables: no structure is below 64 bytes. */
static inline uint64_t policy_walk_units(uint64_t size)
{
    return size / 64 + (1 << 20);
}

#endif
