#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

uint64_t tdx_vp_wr(uint64_t field, uint64_t value, uint64_t mask)
{
    struct tdcall call = {.rax = TDG_VP_WR, .rdx = field, .r8 = value, .r9 = mask};

    tdcall(&call);
    return call.rax;
}
