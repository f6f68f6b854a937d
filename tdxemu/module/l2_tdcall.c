/* TDCALL of L2: TDG.VP.VMCALL straight to the host where L1 allows it, all else to L1. */
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "module/l2_exits.h"
#include "module/tdcall.h"

void l2_tdcall(struct td *td, const struct vm_exit *exit)
{
    struct world *world = &td->l2.world;
    bool direct = metadata_value(&td->metadata, TDVPS_L2_CTLS(1)) & TDX_L2_CTLS_TDVMCALL;
    if (!direct || world->gpr[L2_RAX] != TDG_VP_VMCALL) {
        l2_to_l1(td, exit, TDX_SUCCESS, 0);
        return;
    }
    world_advance(world, exit->length);
    world->gpr[L2_RAX] = vmcall_of(td, world);
}
