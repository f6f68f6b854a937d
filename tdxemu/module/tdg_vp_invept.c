#include "abi/tdx_tdcall.h"
#include "module/tdcall.h"

#define VM1_BIT 2ULL

/* VMRUN drops all translations anyway, so that the check is all there is to do. */
uint64_t tdg_vp_invept(struct td *td)
{
    return td->l1.gpr[L2_RCX] & ~VM1_BIT ? TDX_OPERAND_INVALID | TDX_OPERAND_RCX : TDX_SUCCESS;
}
