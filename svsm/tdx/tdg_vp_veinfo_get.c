#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

uint64_t tdx_vp_veinfo_get(uint64_t *reason, struct gpa *at)
{
    struct tdcall call = {.rax = TDG_VP_VEINFO_GET};

    tdcall(&call);
    if ((call.rax & TDX_ERROR_BIT) != 0)
        return call.rax;
    *reason = call.rcx;
    *at = gpa(call.r9);
    return call.rax;
}
