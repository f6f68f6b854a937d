#include "svm/exit_npf.h"

#include <string.h>

#include "abi/vmx.h"
#include "svm/guest.h"
#include "svm/linear_address.h"

#define EPT_QUAL_PERMISSIONS_SHIFT 3
#define PAGE_OFFSET                0xfffULL

static bool leads_to(const struct world *world, uint64_t linear, uint64_t gpa)
{
    uint64_t found;
    return guest_translate(world, linear, &found) && (found ^ gpa) <= PAGE_OFFSET;
}

static bool data_address(const struct world *world, bool write, uint64_t *linear)
{
    struct instruction_context context = {
        .code_64 = world_in_64bit_mode(world), .write = write, .rip = world->vmcb->rip};
    context.length = guest_fetch(world, context.bytes, sizeof context.bytes);
    memcpy(context.registers, world->gpr, sizeof context.registers);
    for (unsigned i = 0; i < SREGS; i++)
        context.bases[i] = world->vmcb->segment[SEGMENT_ES + i].base;
    return linear_address_of_operand(&context, linear);
}

static bool fetch_address(const struct world *world, uint64_t gpa, uint64_t *linear)
{
    uint64_t base = world_in_64bit_mode(world) ? 0 : world->vmcb->segment[SEGMENT_CS].base;
    *linear = base + world->vmcb->rip;
    if (leads_to(world, *linear, gpa))
        return true;
    *linear = (*linear | PAGE_OFFSET) + 1; /* an instruction that crosses into the page */
    return leads_to(world, *linear, gpa);
}

/* The GPA of the fault is exact, so the linear address takes its offset in the page. */
static void find_linear(const struct world *world, struct vm_exit *exit)
{
    uint64_t linear;
    bool fetch = exit->qualification & EPT_VIOLATION_FETCH;
    bool found = fetch ? fetch_address(world, exit->gpa, &linear)
                       : data_address(world, exit->qualification & EPT_VIOLATION_WRITE, &linear);
    if (!found || !leads_to(world, linear, exit->gpa))
        return;
    exit->gla = (linear & ~PAGE_OFFSET) | (exit->gpa & PAGE_OFFSET);
    exit->qualification |= EPT_VIOLATION_GLA_VALID;
}

void exit_describe_npf(struct world *world, struct vm_exit *exit)
{
    const struct vmcb *vmcb = world->vmcb;
    struct npt npt = {(uint64_t *)(uintptr_t)vmcb->nested_cr3};
    exit->gpa = vmcb->exit_info2;
    if (vmcb->exit_info1 & NPF_FETCH)
        exit->qualification = EPT_VIOLATION_FETCH;
    else if (vmcb->exit_info1 & NPF_WRITE)
        exit->qualification = EPT_VIOLATION_WRITE;
    else
        exit->qualification = EPT_VIOLATION_READ;
    exit->qualification |= (uint64_t)npt_permissions(npt, exit->gpa) << EPT_QUAL_PERMISSIONS_SHIFT;
    if (!(vmcb->exit_info1 & NPF_FINAL))
        return;
    exit->qualification |= EPT_VIOLATION_FINAL;
    find_linear(world, exit);
}
