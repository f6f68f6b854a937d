#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "host/tdvmcall.h"
#include "module/tdcall.h"

/* RAX, RCX, RSP and, with CONFIG_FLAGS.NO_RBP_MOD, RBP; XMM registers are let be, not passed on. */
#define MASK_FORBIDDEN 0xffffffff00000013ULL
#define MASK_RBP       0x20ULL
#define NO_RBP_MOD     (1ULL << 2)

static bool mask_valid(const struct td *td, uint64_t mask)
{
    bool no_rbp = metadata_value(&td->metadata, TDCS_CONFIG_FLAGS) & NO_RBP_MOD;
    return !(mask & (MASK_FORBIDDEN | (no_rbp ? MASK_RBP : 0)));
}

uint64_t vmcall_of(struct td *td, struct world *world)
{
    uint64_t *gpr = world->gpr;
    struct call host;
    uint64_t mask = gpr[L2_RCX];
    if (!mask_valid(td, mask))
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    for (unsigned i = 0; i < L2_REGISTERS; i++)
        host.gpr[i] = mask >> i & 1U ? gpr[i] : 0;
    host_tdvmcall(td, &host);
    for (unsigned i = 0; i < L2_REGISTERS; i++)
        if (mask >> i & 1U)
            gpr[i] = host.gpr[i];
    return TDX_SUCCESS;
}

uint64_t tdg_vp_vmcall(struct td *td)
{
    return vmcall_of(td, &td->l1);
}
