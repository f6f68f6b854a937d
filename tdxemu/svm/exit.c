#include "svm/exit.h"

#include <string.h>

#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "abi/x86.h"
#include "svm/exit_npf.h"
#include "svm/guest.h"
#include "svm/insn.h"

#define INT3_OPCODE 0xccU
#define INT_OPCODE  0xcdU
#define OPCODE_LMSW 0x01U
#define OPCODE_CLTS 0x06U

struct code {
    uint16_t svm;
    uint16_t reason;
    uint8_t length;
    void (*describe)(struct world *world, struct vm_exit *exit);
};

static void put_event(struct vm_exit *exit, unsigned type, unsigned vector)
{
    exit->event = VMX_EVENT_VALID | type << VMX_EVENT_TYPE_SHIFT | vector;
}

struct encoding {
    uint8_t count;
    uint8_t bytes[4];
    uint16_t reason;
};

/* Instructions that QEMU's AMD processor does not know, and whose exit VMX tells by these bytes. */
static const struct encoding encodings[] = {
    {TDCALL_LENGTH, {0x66, 0x0f, 0x01, 0xcc}, VMX_EXIT_TDCALL}, /* first: by far the most */
    {3, {0x0f, 0x01, 0xc1}, VMX_EXIT_VMCALL},
    {3, {0x0f, 0x01, 0xc2}, VMX_EXIT_VMLAUNCH},
    {3, {0x0f, 0x01, 0xc3}, VMX_EXIT_VMRESUME},
    {3, {0x0f, 0x01, 0xc4}, VMX_EXIT_VMXOFF},
    {3, {0x0f, 0x01, 0xd1}, VMX_EXIT_XSETBV}, /* CR4.OSXSAVE is 0, at least in the VMCB */
};

static void describe_undefined(struct world *world, struct vm_exit *exit)
{
    uint8_t bytes[4] = {0};
    if (guest_code_is(world, encodings[0].bytes, encodings[0].count)) {
        exit->reason = VMX_EXIT_TDCALL;
        exit->length = TDCALL_LENGTH;
        return;
    }
    unsigned count = guest_fetch(world, bytes, sizeof bytes);
    for (unsigned i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        const struct encoding *e = &encodings[i];
        if (count < e->count || memcmp(bytes, e->bytes, e->count) != 0)
            continue;
        exit->reason = e->reason;
        exit->length = e->count;
        return;
    }
    put_event(exit, VMX_EVENT_EXCEPTION, VECTOR_UD);
}

static void describe_exception(struct world *world, struct vm_exit *exit)
{
    unsigned vector = (unsigned)(world->vmcb->exit_code - SVM_EXIT_EXCEPTION);
    if (vector == VECTOR_UD) {
        describe_undefined(world, exit);
        return;
    }
    put_event(exit, VMX_EVENT_EXCEPTION, vector);
    if (vector == VECTOR_PF)
        exit->qualification = world->vmcb->exit_info2;
    if (vector == VECTOR_DF || (vector >= 10 && vector <= VECTOR_PF) || vector == 17) {
        exit->event |= VMX_EVENT_ERROR_CODE;
        exit->event_error = (uint32_t)world->vmcb->exit_info1;
    }
}

static void describe_soft_int(struct world *world, struct vm_exit *exit)
{
    uint8_t bytes[2] = {0};
    unsigned count = guest_fetch(world, bytes, sizeof bytes);
    if (count >= 1 && bytes[0] == INT3_OPCODE) {
        put_event(exit, VMX_EVENT_SOFT_EXCEPT, VECTOR_BP);
        exit->length = 1;
        return;
    }
    exit->reason = EXIT_SOFT_INT;
    exit->length = 2;
    exit->qualification = count == 2 && bytes[0] == INT_OPCODE ? bytes[1] : VECTOR_BP;
}

/* EXITINFO1 as IOIO has it: bit 0 in, 2 string, 3 rep, 6:4 size, 31:16 port. */
static void describe_io(struct world *world, struct vm_exit *exit)
{
    uint64_t info = world->vmcb->exit_info1;
    exit->length = (uint32_t)(world->vmcb->exit_info2 - world->vmcb->rip);
    exit->qualification = (info & 0xffff0000U) | ((info >> 4 & 7U) - 1) |
                          (info & 1U ? IO_QUAL_IN : 0) | (info & 4U ? IO_QUAL_STRING : 0) |
                          (info & 8U ? IO_QUAL_REP : 0);
}

static void describe_msr(struct world *world, struct vm_exit *exit)
{
    exit->reason = world->vmcb->exit_info1 & 1U ? VMX_EXIT_WRMSR : VMX_EXIT_RDMSR;
}

static bool decode_here(const struct world *world, struct insn *insn)
{
    uint8_t bytes[INSN_MAX];
    unsigned count = guest_fetch(world, bytes, sizeof bytes);
    return insn_decode(bytes, count, world_in_64bit_mode(world), insn);
}

static uint64_t lmsw_source(const struct world *world, const struct insn *insn)
{
    uint16_t value = 0;
    if (!insn->has_memory)
        return world->gpr[insn->rm] & 0xffffU;
    if (!guest_read(world, insn_address(insn, world->gpr, world->vmcb->rip), &value, 2))
        return 0;
    return value;
}

static void describe_cr(struct world *world, struct vm_exit *exit)
{
    struct insn insn;
    unsigned code = (unsigned)world->vmcb->exit_code;
    unsigned type = code < SVM_EXIT_CR_WRITE ? CR_QUAL_FROM : CR_QUAL_TO;
    exit->qualification = code & CR_QUAL_NUMBER;
    if (!decode_here(world, &insn) || (insn.has_memory && type == CR_QUAL_FROM)) {
        exit->reason = EXIT_UNDEFINED; /* SMSW to memory is not emulated */
        return;
    }
    exit->length = insn.length;
    if (insn.opcode == OPCODE_CLTS)
        type = CR_QUAL_CLTS;
    else if (insn.opcode == OPCODE_LMSW && type == CR_QUAL_TO) {
        type = CR_QUAL_LMSW;
        exit->qualification |= lmsw_source(world, &insn) << CR_QUAL_LMSW_SHIFT;
    }
    exit->qualification |= (uint64_t)type << CR_QUAL_TYPE_SHIFT | (uint64_t)insn.rm
                                                                      << CR_QUAL_GPR_SHIFT;
}

/* SDM table 28-4. */
static void describe_dr(struct world *world, struct vm_exit *exit)
{
    struct insn insn;
    unsigned code = (unsigned)world->vmcb->exit_code;
    exit->qualification = (code & 7U) | (code < SVM_EXIT_DR_WRITE ? 1U << 4 : 0);
    if (!decode_here(world, &insn))
        return;
    exit->length = insn.length;
    exit->qualification |= (uint64_t)insn.rm << CR_QUAL_GPR_SHIFT;
}

static void describe_length(struct world *world, struct vm_exit *exit)
{
    struct insn insn;
    if (!decode_here(world, &insn))
        return;
    exit->length = insn.length;
    if (insn.has_memory)
        exit->qualification = insn_address(&insn, world->gpr, world->vmcb->rip);
}

static const struct code codes[] = {
    {SVM_EXIT_INTR, VMX_EXIT_EXTERNAL_INTERRUPT, 0, 0},
    {SVM_EXIT_VINTR, VMX_EXIT_INTERRUPT_WINDOW, 0, 0},
    {SVM_EXIT_IDTR_READ, VMX_EXIT_GDTR_IDTR, 0, describe_length},
    {SVM_EXIT_GDTR_READ, VMX_EXIT_GDTR_IDTR, 0, describe_length},
    {SVM_EXIT_LDTR_READ, VMX_EXIT_LDTR_TR, 0, describe_length},
    {SVM_EXIT_TR_READ, VMX_EXIT_LDTR_TR, 0, describe_length},
    {SVM_EXIT_IDTR_WRITE, VMX_EXIT_GDTR_IDTR, 0, describe_length},
    {SVM_EXIT_GDTR_WRITE, VMX_EXIT_GDTR_IDTR, 0, describe_length},
    {SVM_EXIT_LDTR_WRITE, VMX_EXIT_LDTR_TR, 0, describe_length},
    {SVM_EXIT_TR_WRITE, VMX_EXIT_LDTR_TR, 0, describe_length},
    {SVM_EXIT_RDTSC, VMX_EXIT_RDTSC, 2, 0},
    {SVM_EXIT_RDPMC, VMX_EXIT_RDPMC, 2, 0},
    {SVM_EXIT_CPUID, VMX_EXIT_CPUID, 2, 0},
    {SVM_EXIT_RSM, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_SWINT, VMX_EXIT_EXCEPTION, 0, describe_soft_int},
    {SVM_EXIT_INVD, VMX_EXIT_INVD, 2, 0},
    {SVM_EXIT_PAUSE, VMX_EXIT_PAUSE, 2, 0},
    {SVM_EXIT_HLT, VMX_EXIT_HLT, 1, 0},
    {SVM_EXIT_INVLPG, VMX_EXIT_INVLPG, 0, describe_length},
    {SVM_EXIT_INVLPGA, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_IOIO, VMX_EXIT_IO, 0, describe_io},
    {SVM_EXIT_MSR, VMX_EXIT_RDMSR, 2, describe_msr},
    {SVM_EXIT_SHUTDOWN, VMX_EXIT_TRIPLE_FAULT, 0, 0},
    {SVM_EXIT_VMRUN, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_VMMCALL, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_VMLOAD, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_VMSAVE, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_STGI, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_CLGI, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_SKINIT, EXIT_UNDEFINED, 0, 0},
    {SVM_EXIT_RDTSCP, VMX_EXIT_RDTSCP, 3, 0},
    {SVM_EXIT_WBINVD, VMX_EXIT_WBINVD, 2, 0},
    {SVM_EXIT_MONITOR, VMX_EXIT_MONITOR, 3, 0},
    {SVM_EXIT_MWAIT, VMX_EXIT_MWAIT, 3, 0},
    {SVM_EXIT_XSETBV, VMX_EXIT_XSETBV, 3, 0},
    {SVM_EXIT_NPF, VMX_EXIT_EPT_VIOLATION, 0, exit_describe_npf},
};

static void describe(struct world *world, struct vm_exit *exit, const struct code *code)
{
    exit->reason = code->reason;
    exit->length = code->length;
    if (code->describe)
        code->describe(world, exit);
}

static const struct code *find(uint64_t svm)
{
    static const struct code cr = {SVM_EXIT_CR_READ, VMX_EXIT_CR_ACCESS, 0, describe_cr};
    static const struct code dr = {SVM_EXIT_DR_READ, VMX_EXIT_DR_ACCESS, 0, describe_dr};
    static const struct code exception = {SVM_EXIT_EXCEPTION, VMX_EXIT_EXCEPTION, 0,
                                          describe_exception};
    static const struct code bad = {0, EXIT_BAD_VMCB, 0, 0};
    if (svm < SVM_EXIT_DR_READ)
        return &cr;
    if (svm < SVM_EXIT_EXCEPTION)
        return &dr;
    if (svm < SVM_EXIT_INTR)
        return &exception;
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].svm == svm)
            return &codes[i];
    return &bad;
}

/* INT3 and INTO are software interrupts to SVM, exceptions to VMX. */
static void describe_vectoring_soft(const struct world *world, struct vm_exit *exit)
{
    uint8_t opcode = 0;
    exit->length = 2;
    if (guest_fetch(world, &opcode, 1) != 1 || opcode == INT_OPCODE)
        return;
    exit->length = 1;
    exit->vectoring = (exit->vectoring & ~VMX_EVENT_TYPE_MASK) | VMX_EVENT_SOFT_EXCEPT
                                                                     << VMX_EVENT_TYPE_SHIFT;
}

static void describe_vectoring(const struct world *world, struct vm_exit *exit)
{
    uint64_t info = world->vmcb->exit_int_info;
    if (!(info & VMCB_EVENT_VALID))
        return;
    exit->vectoring = (uint32_t)info & (VMX_EVENT_VALID | VMX_EVENT_ERROR_CODE |
                                        VMX_EVENT_TYPE_MASK | VMX_EVENT_VECTOR);
    exit->vectoring_error = info & VMCB_EVENT_ERROR ? (uint32_t)(info >> 32) : 0;
    if (VMCB_EVENT_TYPE(info) == VMX_EVENT_SOFT_INT)
        describe_vectoring_soft(world, exit);
}

void exit_decode(struct world *world, struct vm_exit *exit)
{
    memset(exit, 0, sizeof *exit);
    describe(world, exit, find(world->vmcb->exit_code));
    describe_vectoring(world, exit);
}
