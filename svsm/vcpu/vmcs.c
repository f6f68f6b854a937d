#include "vcpu/vmcs.h"

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "arch/fatal.h"
#include "vcpu/vcpu.h"

static void write_field(uint64_t field, uint64_t value, uint64_t mask)
{
    uint64_t status = tdx_vp_wr(field, value, mask);

    if (status != TDX_SUCCESS)
        fatal("field %lx cannot be set to %lx: status %lx", field, value, status);
}

uint64_t vmcs_read(uint32_t encoding)
{
    uint64_t value = 0;
    uint64_t status = tdx_vp_rd(TDVPS_L2_VMCS(L2_VM, encoding), &value);

    if (status != TDX_SUCCESS)
        fatal("VMCS field %x cannot be read: status %lx", encoding, status);
    return value;
}

void vmcs_write(uint32_t encoding, uint64_t value)
{
    write_field(TDVPS_L2_VMCS(L2_VM, encoding), value, ~0ULL);
}

void vmcs_write_masked(uint32_t encoding, uint64_t value, uint64_t mask)
{
    write_field(TDVPS_L2_VMCS(L2_VM, encoding), value, mask);
}

void vp_write(uint64_t field, uint64_t value)
{
    write_field(field, value, ~0ULL);
}
