/*
 * EPT violations of L1 (td_ept_violation.c). A private page that is not accepted, or not there,
 * goes to the host, which can do nothing about it: the TD has SEPT_VE_DISABLE.
 */
#include "module/l1_exits.h"
#include "module/l1_ve.h"
#include "module/pages.h"

void l1_ept_violation(struct td *td, const struct vm_exit *exit)
{
    uint64_t plain = exit->gpa & ~GPA_SHARED_BIT;
    if (exit->gpa & GPA_SHARED_BIT && !pages_is_ram(plain, 1)) {
        l1_inject_ve(td, exit);
        return;
    }
    if (exit->gpa & GPA_SHARED_BIT)
        td_error(td, "shared access to GPA %lx, which the TD never made shared", plain);
    if (pages_state(plain) == PAGE_PENDING)
        td_error(td, "access to GPA %lx, which the TD has not accepted", plain);
    td_error(td, "private access to GPA %lx, where there is no private page", plain);
}
