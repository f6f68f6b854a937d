/* The table behind msr_policy(), generated from abi/spec: disjoint ranges in ascending order. */
#ifndef MODULE_MSR_POLICY_TABLE_H
#define MODULE_MSR_POLICY_TABLE_H

#include "module/msr_policy.h"

struct msr_range {
    uint32_t first, last;
    enum msr_action read, write;
};

extern const struct msr_range msr_ranges[];
extern const unsigned msr_range_count;

#endif
