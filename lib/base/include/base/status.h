/*
 * What a fallible function of lib/ returns, and the evidence that goes with a failure.
 *
 * Contract of every function that returns a status: on anything but STATUS_OK its out-parameters
 * are untouched; `struct evidence` is the one exception, it is written only on failure.
 */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdint.h>

enum status {
    STATUS_OK = 0,
    STATUS_OUTSIDE,     /* the address is not backed by guest RAM */
    STATUS_UNMAPPED,    /* a page-table entry on the way is not present */
    STATUS_TRUNCATED,   /* the bytes end before the structure does */
    STATUS_MALFORMED,   /* the bytes contradict their format */
    STATUS_NOT_FOUND,   /* what was looked for is not there */
    STATUS_MISMATCH,    /* two witnesses of one fact disagree */
    STATUS_AMBIGUOUS,   /* more than one candidate passes every check */
    STATUS_FULL,        /* the room that the caller gave is used up */
    STATUS_BUDGET,      /* the caller's work budget is used up */
    STATUS_UNSUPPORTED, /* well formed, but of a kind not handled */
    STATUS_STOPPED,     /* the caller's callback asked to stop */
    STATUS_PAUSED,      /* the caller's callback asked to go on later */
    STATUS_COUNT
};

/* Where and why something was refused. `what` is a string literal, never NULL once written. */
struct evidence {
    const char *what;
    uint64_t at; /* guest address or byte offset, as `what` says */
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Name of a status in lower case; "unknown" outside the enumeration. */
const char *status_name(enum status status);

/* Notes `what` and `at` in `evidence` when it is not NULL, and returns `status`. */
enum status refuse(struct evidence *evidence, enum status status, const char *what, uint64_t at);

#endif
