#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "module/tdcall.h"

#define GPA_WIDTH      48U
#define ONE_VCPU       1ULL
#define SYS_RD_PRESENT 1U

uint64_t tdg_vp_info(struct td *td)
{
    uint64_t *gpr = td->l1.gpr;
    gpr[L2_RCX] = GPA_WIDTH;
    gpr[L2_RDX] = metadata_value(&td->metadata, TDCS_ATTRIBUTES);
    gpr[L2_R8] = ONE_VCPU << 32 | ONE_VCPU;
    gpr[L2_R9] = 0;
    gpr[L2_R10] = SYS_RD_PRESENT;
    gpr[L2_R11] = 0;
    return TDX_SUCCESS;
}
