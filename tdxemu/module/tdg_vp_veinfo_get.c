#include "abi/tdx_tdcall.h"
#include "module/tdcall.h"

uint64_t tdg_vp_veinfo_get(struct td *td)
{
    uint64_t *gpr = td->l1.gpr;
    gpr[L2_RCX] = gpr[L2_RDX] = gpr[L2_R8] = gpr[L2_R9] = gpr[L2_R10] = 0;
    if (!td->ve.valid)
        return TDX_NO_VALID_VE_INFO;
    td->ve.valid = false;
    gpr[L2_RCX] = td->ve.reason;
    gpr[L2_RDX] = td->ve.qualification;
    gpr[L2_R8] = td->ve.gla;
    gpr[L2_R9] = td->ve.gpa;
    gpr[L2_R10] = (uint64_t)td->ve.info << 32 | td->ve.length;
    return TDX_SUCCESS;
}
