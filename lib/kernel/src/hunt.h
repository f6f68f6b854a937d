/* Following hits to kernels, and the verdict over those that passed. */
#ifndef KERNEL_HUNT_H
#define KERNEL_HUNT_H

#include "attempt.h"

typedef enum status way_in(struct attempt *attempt, struct gpa hit);

struct hunt {
    const struct guestmem *memory;
    const struct kernel_anchor *anchor; /* NULL: discovery without registers */
    uint64_t attempt_units;
    struct kernel_workspace *workspace;
    struct kernel_layout *first; /* of the first hit that passes */
    struct kernel_report *report;
};

/* Follows every hit; how many there was no room for. */
uint64_t hunt_follow(const struct hunt *hunt, const struct kernel_hits *hits, way_in *way);

/* One kernel passed, and nothing was left out: `layout` is it. */
MUST_CHECK enum status hunt_verdict(const struct hunt *hunt, uint64_t missed,
                                    struct kernel_layout *layout);

#endif
