#include "abi/tdx_tdcall.h"
#include "host/tdvmcall.h"
#include "module/tdcall.h"

/* RAX, RCX, RSP, and RBP as CONFIG_FLAGS.NO_RBP_MOD says; XMM registers are not passed on. */
#define MASK_FORBIDDEN 0xffffffff00000033ULL

uint64_t vmcall_of(struct td *td, struct world *world)
{
    uint64_t *gpr = world->gpr;
    uint64_t host[L2_REGISTERS];
    uint64_t mask = gpr[L2_RCX];
    if (mask & MASK_FORBIDDEN)
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    for (unsigned i = 0; i < L2_REGISTERS; i++)
        host[i] = mask >> i & 1U ? gpr[i] : 0;
    host_tdvmcall(td, host);
    for (unsigned i = 0; i < L2_REGISTERS; i++)
        if (mask >> i & 1U)
            gpr[i] = host[i];
    return TDX_SUCCESS;
}

uint64_t tdg_vp_vmcall(struct td *td)
{
    return vmcall_of(td, &td->l1);
}
