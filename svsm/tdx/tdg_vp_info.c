#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

uint64_t tdx_vp_info(struct tdx_vp_info *info)
{
    struct tdcall call = {.rax = TDG_VP_INFO};

    tdcall(&call);
    if ((call.rax & TDX_ERROR_BIT) != 0)
        return call.rax;
    *info = (struct tdx_vp_info){.gpaw = call.rcx & 0x3f,
                                 .attributes = call.rdx,
                                 .vcpus = (uint32_t)call.r8,
                                 .index = (uint32_t)call.r9};
    return call.rax;
}
