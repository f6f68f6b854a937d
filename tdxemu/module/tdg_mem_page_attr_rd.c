#include "abi/tdx_tdcall.h"
#include "module/page_info.h"
#include "module/tdcall.h"

uint64_t tdg_mem_page_attr_rd(struct td *td)
{
    uint64_t *gpr = td->l1.gpr;
    uint64_t gpa = gpr[L2_RCX];
    gpr[L2_RCX] = 0;
    gpr[L2_RDX] = 0;
    if (!gpa_is_private(gpa))
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    enum page_state state = pages_state(gpa);
    if (state != PAGE_MAPPED && state != PAGE_PENDING)
        td_error(td, "TDG.MEM.PAGE.ATTR.RD of GPA %lx, where there is no private page", gpa);
    uint64_t level = pages_large(gpa) ? TDX_LEVEL_2M : TDX_LEVEL_4K;
    unsigned alias = pages_alias(gpa);
    gpr[L2_RCX] = (gpa & ~((SIZE_4K << 9 * level) - 1)) | level |
                  (state == PAGE_PENDING ? TDX_PAGE_PENDING : 0);
    gpr[L2_RDX] = alias ? (uint64_t)(alias | TDX_ATTR_VALID) << TDX_ATTR_SHIFT(1) : 0;
    return TDX_SUCCESS;
}
