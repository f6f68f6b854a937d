#include "module/tdcall.h"

#include <stddef.h>

#include "abi/tdx_tdcall.h"
#include "abi/x86.h"
#include "host/counters.h"

#define RAX_RESERVED 0xffffffffff000000ULL

struct leaf {
    uint64_t (*serve)(struct td *td);
    uint8_t last_version;
};

static const struct leaf leaves[TDG_LEAVES] = {
    [TDG_VP_VMCALL] = {tdg_vp_vmcall, 0},
    [TDG_VP_INFO] = {tdg_vp_info, 0},
    [TDG_VP_VEINFO_GET] = {tdg_vp_veinfo_get, 0},
    [TDG_MEM_PAGE_ACCEPT] = {tdg_mem_page_accept, 0},
    [TDG_VM_RD] = {tdg_vm_rd, 1},
    [TDG_VM_WR] = {tdg_vm_wr, 0},
    [TDG_VP_RD] = {tdg_vp_rd, 0},
    [TDG_VP_WR] = {tdg_vp_wr, 0},
    [TDG_SYS_RD] = {tdg_sys_rd, 0},
    [TDG_MEM_PAGE_ATTR_RD] = {tdg_mem_page_attr_rd, 0},
    [TDG_MEM_PAGE_ATTR_WR] = {tdg_mem_page_attr_wr, 0},
    [TDG_VP_ENTER] = {tdg_vp_enter, 0},
    [TDG_VP_INVEPT] = {tdg_vp_invept, 0},
};

static const struct leaf *find(uint64_t rax)
{
    uint64_t number = rax & TDX_LEAF_MASK;
    if (rax & RAX_RESERVED || number >= TDG_LEAVES || !leaves[number].serve)
        return NULL;
    if ((rax & TDX_VERSION_MASK) >> TDX_VERSION_SHIFT > leaves[number].last_version)
        return NULL;
    return &leaves[number];
}

void tdcall(struct td *td)
{
    uint64_t rax = td->l1.gpr[L2_RAX];
    if (!world_in_64bit_mode(&td->l1) || td->l1.vmcb->cpl != 0) {
        world_exception_error(&td->l1, VECTOR_GP, 0);
        return;
    }
    counter_tdcall((unsigned)(rax & TDX_LEAF_MASK));
    world_advance(&td->l1, TDCALL_LENGTH);
    const struct leaf *leaf = find(rax);
    uint64_t status = leaf ? leaf->serve(td) : TDX_OPERAND_INVALID | TDX_OPERAND_RAX;
    td->l1.gpr[L2_RAX] = status;
}
