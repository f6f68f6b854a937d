#include "abi/tdx_tdcall.h"
#include "boot/print.h"
#include "module/page_info.h"
#include "module/tdcall.h"

#define ATTR_PWA      (1U << 5)
#define ATTR_SVE      (1U << 7)
#define ATTR_PRESENT  (TDX_ATTR_R | TDX_ATTR_W | TDX_ATTR_XS | TDX_ATTR_XU)
#define ATTR_RESERVED 0x7f00U
#define WORD_MASK     0xffffULL

static unsigned word_of(uint64_t words)
{
    return (unsigned)(words >> TDX_ATTR_SHIFT(1) & WORD_MASK);
}

static uint64_t check_operands(uint64_t info, uint64_t attributes, uint64_t masks)
{
    for (unsigned vm = 0; vm < 4; vm++) {
        if (vm == 1) {
            unsigned word = word_of(attributes);
            if (word && !(word & TDX_ATTR_VALID))
                return TDX_OPERAND_INVALID | TDX_OPERAND_RDX;
        } else if (attributes >> TDX_ATTR_SHIFT(vm) & WORD_MASK) {
            return TDX_OPERAND_INVALID | TDX_OPERAND_RDX;
        } else if (masks >> TDX_ATTR_SHIFT(vm) & WORD_MASK) {
            return TDX_OPERAND_INVALID | TDX_OPERAND_R8;
        }
    }
    return page_info_valid(info, TDX_LEVEL_1G) ? TDX_SUCCESS
                                               : TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
}

static bool legal(unsigned attributes)
{
    if (attributes & (TDX_ATTR_W | ATTR_PWA) && !(attributes & TDX_ATTR_R))
        return false;
    return !(attributes & (ATTR_SVE | ATTR_RESERVED));
}

/* The page's leaf is of this level, demoted by the host where it was larger. */
static uint64_t find_leaf(struct td *td, uint64_t gpa, uint64_t level)
{
    enum page_state state = pages_state(gpa);
    if (level == TDX_LEVEL_1G)
        return TDX_PAGE_SIZE_MISMATCH | level;
    if (state != PAGE_MAPPED && state != PAGE_PENDING)
        td_error(td, "TDG.MEM.PAGE.ATTR.WR of GPA %lx, where there is no private page", gpa);
    if (level == TDX_LEVEL_2M && !pages_large(gpa))
        return TDX_PAGE_SIZE_MISMATCH | level;
    if (level == TDX_LEVEL_4K && pages_large(gpa))
        pages_demote(gpa);
    return TDX_SUCCESS;
}

/* The VALID attribute word to be returned in `result`, and what the alias becomes. */
static uint64_t combine(unsigned current, unsigned word, unsigned mask, unsigned *result)
{
    unsigned wanted = (current & ~mask) | (word & mask);
    bool present = wanted & ATTR_PRESENT;
    if (present && !legal(wanted & ~TDX_ATTR_VALID)) {
        *result = current ? current | TDX_ATTR_VALID : 0;
        return TDX_PAGE_ATTR_INVALID;
    }
    *result = (present ? wanted : 0) | TDX_ATTR_VALID;
    return TDX_SUCCESS;
}

static void set_alias(uint64_t gpa, unsigned level, unsigned attributes)
{
    if (attributes & (TDX_ATTR_XS | TDX_ATTR_XU) && !(attributes & TDX_ATTR_R))
        refuse_machine("execute-only page at GPA %lx: nested paging of SVM has none", gpa);
    pages_alias_set(gpa, level, attributes);
}

uint64_t tdg_mem_page_attr_wr(struct td *td)
{
    uint64_t *gpr = td->l1.gpr;
    uint64_t info = gpr[L2_RCX];
    uint64_t gpa = info & PAGE_INFO_GPA;
    uint64_t level = info & TDX_LEVEL_MASK;
    unsigned word = word_of(gpr[L2_RDX]);
    uint64_t status = check_operands(info, gpr[L2_RDX], gpr[L2_R8]);
    unsigned mask = word_of(gpr[L2_R8]) | TDX_ATTR_VALID;
    unsigned result = 0;
    gpr[L2_RCX] = 0;
    gpr[L2_RDX] = 0;
    if (status == TDX_SUCCESS)
        status = find_leaf(td, gpa, level);
    if (status != TDX_SUCCESS)
        return status;
    if (word & TDX_ATTR_VALID)
        status = combine(pages_alias(gpa), word, mask, &result);
    gpr[L2_RDX] = (uint64_t)result << TDX_ATTR_SHIFT(1);
    if (status != TDX_SUCCESS)
        return status;
    if (word & TDX_ATTR_VALID)
        set_alias(gpa, (unsigned)level, result & ~TDX_ATTR_VALID);
    gpr[L2_RCX] = info | (pages_state(gpa) == PAGE_PENDING ? TDX_PAGE_PENDING : 0);
    return TDX_SUCCESS;
}
