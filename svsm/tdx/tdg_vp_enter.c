#include "abi/tdx_tdcall.h"
#include "tdx/tdx.h"

void tdx_vp_enter(unsigned vm, unsigned flush, struct l2_enter_guest_state *state,
                  struct tdx_exit *exit)
{
    tdcall_vp_enter((uint64_t)vm << TDX_ENTER_VM_SHIFT | flush, (uint64_t)state, exit);
}
