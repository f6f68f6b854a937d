/*
 * TDCALL of L2: svsm is its TDX module. Answers are those of the module for a TD that was given
 * what L2 was given; leaves that L2 has no use for yet are refused as unknown.
 */
#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/x86.h"
#include "exits/exits.h"
#include "mem/memory.h"

#define PAGE_2M       (2ULL << 20)
#define ACCEPT_GPA    0x000ffffffffff000ULL
#define TD_CTLS_OF_L2 1ULL /* PENDING_VE_DISABLE: svsm lets no page of L2's be pending */

static uint64_t vp_info(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;
    struct tdx_vp_info info;
    uint64_t status = tdx_vp_info(&info);

    if (status != TDX_SUCCESS)
        return status;
    vcpu->is_tdx_guest = true;
    gpr[L2_RCX] = info.gpaw;
    gpr[L2_RDX] = info.attributes | TDX_ATTRIBUTE_SEPT_VE_DISABLE;
    gpr[L2_R8] = 1 | 1ULL << 32;
    gpr[L2_R9] = 0;
    gpr[L2_R10] = 0;
    gpr[L2_R11] = 0;
    return TDX_SUCCESS;
}

static uint64_t vp_veinfo_get(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;

    if (!vcpu->ve.valid)
        return TDX_NO_VALID_VE_INFO;
    vcpu->ve.valid = false;
    gpr[L2_RCX] = vcpu->ve.reason;
    gpr[L2_RDX] = vcpu->ve.qualification;
    gpr[L2_R8] = vcpu->ve.gla;
    gpr[L2_R9] = vcpu->ve.gpa;
    gpr[L2_R10] = vcpu->ve.instruction;
    return TDX_SUCCESS;
}

static uint64_t mem_page_accept(struct vcpu *vcpu)
{
    uint64_t operand = vcpu->state->gpr[L2_RCX];
    unsigned level = (unsigned)(operand & TDX_LEVEL_MASK);
    struct gpa page = gpa(operand & ACCEPT_GPA);
    uint64_t size = level == TDX_LEVEL_2M ? PAGE_2M : 4096;

    if (level > TDX_LEVEL_2M || (operand & ~(ACCEPT_GPA | TDX_LEVEL_MASK)) != 0 ||
        page.v % size != 0 || !memory_is_l2(page, size))
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    if (memory_l2(page, size) != NULL)
        return TDX_PAGE_ALREADY_ACCEPTED | level;
    return memory_make_private(page, level);
}

static uint64_t vm_rd(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;

    if (gpr[L2_RCX] != 0)
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    if (gpr[L2_RDX] != TDCS_CONFIG_FLAGS && gpr[L2_RDX] != TDCS_TD_CTLS)
        return TDX_METADATA_FIELD_ID_INCORRECT;
    gpr[L2_R8] = gpr[L2_RDX] == TDCS_TD_CTLS ? TD_CTLS_OF_L2 : 0;
    return TDX_SUCCESS;
}

/* NOTIFY_ENABLES asks for a notice of zero-step attacks; Linux turns it off, as it is here. */
static uint64_t vm_wr(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;
    uint64_t id = gpr[L2_RDX] & ~(0x3fULL << 32 | 1ULL << 50 | 1ULL << 51 | 7ULL << 52);

    if (gpr[L2_RCX] != 0)
        return TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
    if (id != (TDCS_NOTIFY_ENABLES & ~(0x3fULL << 32 | 7ULL << 52)))
        return TDX_METADATA_FIELD_NOT_WRITABLE;
    if ((gpr[L2_R8] & gpr[L2_R9]) != 0)
        return TDX_METADATA_VALUE_NOT_VALID;
    gpr[L2_R8] = 0;
    return TDX_SUCCESS;
}

typedef uint64_t leaf(struct vcpu *vcpu);

static leaf *const leaves[TDG_LEAVES] = {
    [TDG_VP_INFO] = vp_info,
    [TDG_VP_VEINFO_GET] = vp_veinfo_get,
    [TDG_MEM_PAGE_ACCEPT] = mem_page_accept,
    [TDG_VM_RD] = vm_rd,
    [TDG_VM_WR] = vm_wr,
};

void exit_tdcall(struct vcpu *vcpu)
{
    uint64_t *rax = &vcpu->state->gpr[L2_RAX];
    uint64_t number = *rax;

    if ((vcpu->exit.cpl & 3) != 0) {
        vcpu_raise(vcpu, VECTOR_GP);
        return;
    }
    vcpu_skip(vcpu);
    if (number == TDG_VP_VMCALL)
        tdvmcall_of_l2(vcpu);
    else if (number < TDG_LEAVES && leaves[number] != NULL)
        *rax = leaves[number](vcpu);
    else
        *rax = TDX_OPERAND_INVALID | TDX_OPERAND_RAX;
}
