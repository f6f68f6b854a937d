/*
 * TDG.VP.VMCALL of L2: svsm answers what is its own and asks the host for the rest.
 *
 * Registers that RCX does not name are neither read nor written (GHCI 2.4.1).
 */
#include "abi/ghci.h"
#include "abi/tdx_tdcall.h"
#include "abi/x86_paging.h"
#include "arch/cpu.h"
#include "arch/fatal.h"
#include "base/bytes.h"
#include "exits/exits.h"
#include "mem/memory.h"
#include "tdx/ghci.h"

#define MASK_ALLOWED ((uint64_t)(0xffffffffU & ~(1U << L2_RAX | 1U << L2_RCX | 1U << L2_RSP)))

/* R10 to R15 as L2 gave them, and as it gets them back. */
struct request {
    uint64_t r10, r11, r12, r13, r14, r15;
};

typedef uint64_t function(struct vcpu *vcpu, struct request *request);

/* No optional function beyond the base set. */
static uint64_t get_td_vm_call_info(struct vcpu *vcpu, struct request *request)
{
    (void)vcpu;
    *request = (struct request){0};
    return GHCI_SUCCESS;
}

/* Memory outside L2's RAM is the host's in any case: there is nothing to convert. */
static uint64_t map_gpa(struct vcpu *vcpu, struct request *request)
{
    uint64_t bit = ghci_shared_bit();
    bool shared = (request->r12 & bit) != 0;
    struct gpa start = gpa(request->r12 & ~bit);
    uint64_t size = request->r13;

    (void)vcpu;
    if (start.v % X86_PAGE_SIZE != 0 || size % X86_PAGE_SIZE != 0)
        return GHCI_ALIGN_ERROR;
    if (size == 0 || start.v >= bit || size > bit - start.v)
        return GHCI_INVALID_OPERAND;
    if (!memory_is_td(start, size))
        return GHCI_SUCCESS;
    if (!memory_is_l2(start, size))
        return GHCI_INVALID_OPERAND;
    /* Before the host is asked: from then on the pages may be anyone's, also when it refuses. */
    memory_make_shared(start, size);
    return ghci_map_gpa(start, size, shared) ? GHCI_SUCCESS : GHCI_INVALID_OPERAND;
}

static _Noreturn uint64_t report_fatal_error(struct vcpu *vcpu, struct request *request)
{
    const uint64_t *gpr = vcpu->state->gpr;
    const uint64_t words[GHCI_FATAL_TEXT / 8] = {request->r14, request->r15, gpr[L2_RBX],
                                                 gpr[L2_RDI],  gpr[L2_RSI],  gpr[L2_R8],
                                                 gpr[L2_R9],   gpr[L2_RDX]};
    char text[GHCI_FATAL_TEXT + 1] = {0};

    bytes_copy(text, words, sizeof words);
    for (unsigned i = 0; text[i] != '\0'; i++)
        if (text[i] < ' ' || text[i] > '~')
            text[i] = '?';
    fatal("the kernel gave up: %s", text);
}

static uint64_t do_cpuid(struct vcpu *vcpu, struct request *request)
{
    struct cpuid out = cpuid_of_l2((uint32_t)request->r12, (uint32_t)request->r13);

    (void)vcpu;
    request->r12 = out.eax;
    request->r13 = out.ebx;
    request->r14 = out.ecx;
    request->r15 = out.edx;
    return GHCI_SUCCESS;
}

static uint64_t do_hlt(struct vcpu *vcpu, struct request *request)
{
    halt_of_l2(vcpu, request->r12 != 0);
    return GHCI_SUCCESS;
}

static uint64_t do_io(struct vcpu *vcpu, struct request *request)
{
    uint64_t size = request->r12;

    if ((size != 1 && size != 2 && size != 4) || request->r13 > GHCI_WRITE ||
        request->r14 > UINT16_MAX)
        return GHCI_INVALID_OPERAND;
    if (request->r13 == GHCI_WRITE)
        port_write_of_l2(vcpu, (uint16_t)request->r14, (unsigned)size, (uint32_t)request->r15);
    else
        request->r11 = port_read_of_l2(vcpu, (uint16_t)request->r14, (unsigned)size);
    return GHCI_SUCCESS;
}

static uint64_t do_rdmsr(struct vcpu *vcpu, struct request *request)
{
    (void)vcpu;
    return msr_read_of_l2((uint32_t)request->r12, &request->r11) ? GHCI_SUCCESS
                                                                 : GHCI_INVALID_OPERAND;
}

static uint64_t do_wrmsr(struct vcpu *vcpu, struct request *request)
{
    (void)vcpu;
    return msr_write_of_l2((uint32_t)request->r12, request->r13) ? GHCI_SUCCESS
                                                                 : GHCI_INVALID_OPERAND;
}

static uint64_t do_mmio(struct vcpu *vcpu, struct request *request)
{
    uint64_t size = request->r12;
    struct gpa at = gpa(request->r14 & ~ghci_shared_bit());
    bool done;

    (void)vcpu;
    if ((size != 1 && size != 2 && size != 4 && size != 8) || request->r13 > GHCI_WRITE)
        return GHCI_INVALID_OPERAND;
    if (request->r13 == GHCI_WRITE)
        done = mmio_write_of_l2(at, (unsigned)size, request->r15);
    else
        done = mmio_read_of_l2(at, (unsigned)size, &request->r11);
    return done ? GHCI_SUCCESS : GHCI_INVALID_OPERAND;
}

static uint64_t do_wbinvd(struct vcpu *vcpu, struct request *request)
{
    (void)vcpu;
    (void)request;
    return GHCI_SUCCESS;
}

static const struct {
    uint64_t number;
    function *function;
} functions[] = {
    {GHCI_IO, do_io},
    {GHCI_MMIO, do_mmio},
    {GHCI_HLT, do_hlt},
    {GHCI_RDMSR, do_rdmsr},
    {GHCI_WRMSR, do_wrmsr},
    {GHCI_CPUID, do_cpuid},
    {GHCI_MAP_GPA, map_gpa},
    {GHCI_WBINVD, do_wbinvd},
    {GHCI_GET_TDVMCALL_INFO, get_td_vm_call_info},
    {GHCI_REPORT_FATAL_ERROR, report_fatal_error},
};

static uint64_t serve(struct vcpu *vcpu, struct request *request)
{
    if (request->r10 != 0) /* a hypercall of some hypervisor */
        return GHCI_INVALID_OPERAND;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].number == request->r11)
            return functions[i].function(vcpu, request);
    return GHCI_INVALID_OPERAND;
}

void tdvmcall_of_l2(struct vcpu *vcpu)
{
    uint64_t *gpr = vcpu->state->gpr;
    uint64_t mask = gpr[L2_RCX];
    uint64_t exposed[6];
    struct request request;

    if ((mask & ~MASK_ALLOWED) != 0) {
        gpr[L2_RAX] = TDX_OPERAND_INVALID | TDX_OPERAND_RCX;
        return;
    }
    for (unsigned i = 0; i < 6; i++)
        exposed[i] = (mask >> (L2_R10 + i) & 1) != 0 ? gpr[L2_R10 + i] : 0;
    bytes_copy(&request, exposed, sizeof request);
    request.r10 = serve(vcpu, &request);
    bytes_copy(exposed, &request, sizeof request);
    for (unsigned i = 0; i < 6; i++)
        if ((mask >> (L2_R10 + i) & 1) != 0)
            gpr[L2_R10 + i] = exposed[i];
    gpr[L2_RAX] = TDX_SUCCESS;
}
