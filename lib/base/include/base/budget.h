/*
 * Work budget: the upper bound of one operation on hostile memory, stated by the caller.
 *
 * One unit is one read of guest memory of up to a page. Every loop whose length guest bytes
 * can influence takes from it, so no contents of memory can make a walk endless.
 */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct budget {
    uint64_t left; /* units not yet taken */
    uint64_t used; /* units taken so far */
};

static inline struct budget budget_of(uint64_t units)
{
    return (struct budget){.left = units, .used = 0};
}

/* Takes `units`; false, and nothing is taken, when fewer are left. */
static inline bool budget_take(struct budget *budget, uint64_t units)
{
    if (units > budget->left)
        return false;
    budget->left -= units;
    budget->used += units;
    return true;
}

#endif
