/*
 * EPT violations of L2 (vm_exits_l2/td_l2_ept_violation.c). What the host is asked about and does
 * not know, device memory or shared pages that nobody made, it hands to L1 by RESUME_L1.
 */
#include "abi/tdx_tdcall.h"
#include "module/l2_exits.h"
#include "module/pages.h"

static void resume_l1(struct td *td, const struct vm_exit *exit)
{
    l2_to_l1(td, exit, TDX_L2_EXIT_HOST_ROUTED_ASYNC, 0);
}

void l2_ept_violation(struct td *td, const struct vm_exit *exit)
{
    if (exit->gpa > GPA_WIDTH_MASK) {
        l2_to_l1(td, exit, TDX_SUCCESS, 0);
        return;
    }
    if (exit->gpa & GPA_SHARED_BIT) {
        resume_l1(td, exit);
        return;
    }
    switch (pages_state(exit->gpa)) {
    case PAGE_MAPPED:
        l2_to_l1(td, exit, TDX_SUCCESS, 0);
        return;
    case PAGE_PENDING:
        l2_to_l1(td, exit, TDX_SUCCESS, TDX_EXT_QUAL_PENDING_PAGE);
        return;
    case PAGE_SHARED:
    case PAGE_NONE:
    default:
        resume_l1(td, exit);
    }
}
