/*
 * Address spaces of the tracked guest, one type each, so that the compiler refuses to mix them.
 *
 * A conversion between the two exists only as a page-table walk or through a window that
 * discovery has checked (guestmem/paging.h).
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

/* Guest-physical address in bytes. */
struct gpa {
    uint64_t v;
};

/* Virtual address of the guest kernel in bytes. */
struct gva {
    uint64_t v;
};

static inline struct gpa gpa(uint64_t v)
{
    return (struct gpa){v};
}

static inline struct gva gva(uint64_t v)
{
    return (struct gva){v};
}

/* Addition wraps, as the guest's own arithmetic does; whoever reads there checks the range. */
static inline struct gpa gpa_add(struct gpa a, uint64_t bytes)
{
    return (struct gpa){a.v + bytes};
}

static inline struct gva gva_add(struct gva a, uint64_t bytes)
{
    return (struct gva){a.v + bytes};
}

#endif
