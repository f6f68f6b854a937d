#include "abi/tdx_tdcall.h"
#include "module/page_info.h"
#include "module/tdcall.h"

/* The host adds 2 MiB at once where nothing was added before, as it was asked. */
static uint64_t accept_2m(struct td *td, uint64_t gpa)
{
    if (pages_large(gpa))
        return TDX_PAGE_ALREADY_ACCEPTED | TDX_LEVEL_2M;
    if (!pages_is_ram(gpa, SIZE_2M))
        td_error(td, "TDG.MEM.PAGE.ACCEPT of GPA %lx, where there is no RAM", gpa);
    if (!pages_untouched(gpa))
        return TDX_PAGE_SIZE_MISMATCH | TDX_LEVEL_2M;
    pages_accept(gpa, NPT_LEVEL_2M);
    return TDX_SUCCESS;
}

static uint64_t accept_4k(struct td *td, uint64_t gpa)
{
    switch (pages_state(gpa)) {
    case PAGE_MAPPED:
        return TDX_PAGE_ALREADY_ACCEPTED | (pages_large(gpa) ? TDX_LEVEL_2M : TDX_LEVEL_4K);
    case PAGE_PENDING:
        pages_accept(gpa, NPT_LEVEL_4K);
        return TDX_SUCCESS;
    case PAGE_SHARED:
        td_error(td, "TDG.MEM.PAGE.ACCEPT of GPA %lx, which is shared", gpa);
    case PAGE_NONE:
    default:
        td_error(td, "TDG.MEM.PAGE.ACCEPT of GPA %lx, where there is no RAM", gpa);
    }
}

uint64_t tdg_mem_page_accept(struct td *td)
{
    uint64_t info = td->l1.gpr[L2_RCX];
    uint64_t gpa = info & PAGE_INFO_GPA;
    if (!page_info_valid(info, TDX_LEVEL_2M))
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    return (info & TDX_LEVEL_MASK) == TDX_LEVEL_2M ? accept_2m(td, gpa) : accept_4k(td, gpa);
}
