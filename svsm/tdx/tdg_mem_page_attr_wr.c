#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

uint64_t tdx_mem_page_attr_wr(struct gpa page, unsigned level, unsigned vm, unsigned attributes)
{
    uint64_t word = attributes | TDX_ATTR_VALID;
    uint64_t mask = TDX_ATTR_R | TDX_ATTR_W | TDX_ATTR_XS | TDX_ATTR_XU;
    struct tdcall call = {.rax = TDG_MEM_PAGE_ATTR_WR,
                          .rcx = page.v | level,
                          .rdx = word << TDX_ATTR_SHIFT(vm),
                          .r8 = mask << TDX_ATTR_SHIFT(vm)};

    tdcall(&call);
    return call.rax;
}
