/*
 * The GPA and level operand of the page leaves, checked as verify_page_info_input() and
 * check_gpa_validity() of the TDX module do (src/common/helpers/helpers.c, branch tdx_1.5).
 */
#ifndef MODULE_PAGE_INFO_H
#define MODULE_PAGE_INFO_H

#include <stdint.h>

#include "abi/tdx_tdcall.h"
#include "base/status.h"
#include "module/pages.h"

#define PAGE_INFO_GPA 0x000ffffffffff000ULL

/* Whether a GPA is private with a GPAW of 48: bit 47 and all above are 0. */
static inline bool gpa_is_private(uint64_t gpa)
{
    return gpa < GPA_SHARED_BIT;
}

/* RCX of the page leaves: level in bits 2:0, bits 11:3 and 63:52 zero, aligned to the level. */
MUST_CHECK static inline bool page_info_valid(uint64_t info, unsigned last_level)
{
    uint64_t level = info & TDX_LEVEL_MASK;
    uint64_t gpa = info & PAGE_INFO_GPA;
    if (info & ~(PAGE_INFO_GPA | TDX_LEVEL_MASK) || level > last_level)
        return false;
    return gpa % (SIZE_4K << 9 * level) == 0 && gpa_is_private(gpa);
}

#endif
