/*
 * A guest's linear addresses: its page walk and its instruction bytes.
 *
 * For unpaged code and 4-level paging; in other modes nothing is found, and callers treat that as
 * bytes that they cannot see. Reads only what the guest itself could read (module/pages.h).
 */
#ifndef SVM_GUEST_H
#define SVM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "svm/world.h"

/* GPA, with shared bit, of a linear address. No access rights are checked. */
MUST_CHECK bool guest_translate(const struct world *world, uint64_t linear, uint64_t *gpa);

/* Copies up to `length` bytes at CS:RIP; returns how many could be read. */
unsigned guest_fetch(const struct world *world, uint8_t *bytes, unsigned length);

/*
 * Whether `length` bytes at CS:RIP are these, in 64-bit code at CPL 0 and in one page.
 *
 * Remembers the page of a match, so that the next one needs no walk. A page that the kernel has
 * meanwhile mapped elsewhere may still match: then it meets in its own code what it once put there.
 */
bool guest_code_is(struct world *world, const uint8_t *expected, unsigned length);

/* Copies `length` bytes from a linear address. */
MUST_CHECK bool guest_read(const struct world *world, uint64_t linear, void *to, unsigned length);

#endif
