/* TDG.SYS.RD, TDG.VM.RD/WR and TDG.VP.RD/WR: operands; the fields are module/metadata.h. */
#include "abi/tdx_tdcall.h"
#include "module/l2_vmcs.h"
#include "module/tdcall.h"

#define NO_FIELD UINT64_MAX

static uint64_t read_field(struct td *td, enum metadata_scope scope, unsigned version)
{
    uint64_t *gpr = td->l1.gpr;
    uint64_t id = gpr[L2_RDX];
    uint64_t next = NO_FIELD;
    uint64_t value = 0;
    uint64_t status = metadata_rd(&td->metadata, scope, id, version, &next, &value);
    if (scope != METADATA_TD || version > 0)
        gpr[L2_RDX] = next;
    gpr[L2_R8] = value;
    return status;
}

static uint64_t write_field(struct td *td, enum metadata_scope scope)
{
    uint64_t *gpr = td->l1.gpr;
    uint64_t previous = 0;
    uint64_t status =
        metadata_wr(&td->metadata, scope, gpr[L2_RDX], gpr[L2_R8], gpr[L2_R9], &previous);
    gpr[L2_R8] = previous;
    return status;
}

static bool own_td(const struct td *td)
{
    return td->l1.gpr[L2_RCX] == 0;
}

static uint64_t refuse_td(struct td *td)
{
    td->l1.gpr[L2_R8] = 0;
    return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
}

uint64_t tdg_sys_rd(struct td *td)
{
    return read_field(td, METADATA_SYS, 0);
}

uint64_t tdg_vm_rd(struct td *td)
{
    unsigned version = (unsigned)((td->l1.gpr[L2_RAX] & TDX_VERSION_MASK) >> TDX_VERSION_SHIFT);
    if (own_td(td))
        return read_field(td, METADATA_TD, version);
    if (version > 0)
        td->l1.gpr[L2_RDX] = NO_FIELD;
    return refuse_td(td);
}

uint64_t tdg_vm_wr(struct td *td)
{
    return own_td(td) ? write_field(td, METADATA_TD) : refuse_td(td);
}

uint64_t tdg_vp_rd(struct td *td)
{
    return read_field(td, METADATA_VP, 0);
}

uint64_t tdg_vp_wr(struct td *td)
{
    uint64_t id = td->l1.gpr[L2_RDX];
    uint64_t status = write_field(td, METADATA_VP);
    l2_vmcs_written(td, id);
    return status;
}
