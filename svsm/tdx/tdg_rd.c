/* TDG.SYS.RD, TDG.VM.RD, TDG.VP.RD: one shape, three scopes. */
#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

static uint64_t read_field(uint64_t leaf, uint64_t field, uint64_t *value)
{
    struct tdcall call = {.rax = leaf, .rdx = field};

    tdcall(&call);
    if ((call.rax & TDX_ERROR_BIT) == 0)
        *value = call.r8;
    return call.rax;
}

uint64_t tdx_sys_rd(uint64_t field, uint64_t *value)
{
    return read_field(TDG_SYS_RD, field, value);
}

uint64_t tdx_vm_rd(uint64_t field, uint64_t *value)
{
    return read_field(TDG_VM_RD, field, value);
}

uint64_t tdx_vp_rd(uint64_t field, uint64_t *value)
{
    return read_field(TDG_VP_RD, field, value);
}
