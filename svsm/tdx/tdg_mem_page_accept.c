#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

uint64_t tdx_mem_page_accept(struct gpa page, unsigned level)
{
    struct tdcall call = {.rax = TDG_MEM_PAGE_ACCEPT, .rcx = page.v | level};

    tdcall(&call);
    return call.rax;
}
