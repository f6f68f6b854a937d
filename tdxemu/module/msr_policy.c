#include "module/msr_policy.h"

#include "module/msr_policy_table.h"

enum msr_action msr_policy(uint32_t msr, bool write)
{
    unsigned low = 0;
    unsigned high = msr_range_count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        const struct msr_range *range = &msr_ranges[middle];
        if (msr < range->first)
            high = middle;
        else if (msr > range->last)
            low = middle + 1;
        else
            return write ? range->write : range->read;
    }
    return MSR_VE;
}
