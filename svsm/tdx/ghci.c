#include "tdx/ghci.h"

#include "abi/ghci.h"
#include "abi/tdx_tdcall.h"
#include "base/bytes.h"
#include "tdx/tdcall.h"

enum {
    MAP_GPA_RETRIES = 1 << 20
};

static uint64_t shared_bit;

void ghci_set_gpaw(unsigned gpaw)
{
    shared_bit = 1ULL << (gpaw - 1);
}

uint64_t ghci_shared_bit(void)
{
    return shared_bit;
}

/* R11 to R15 go out and come back; R10 is the host's verdict. */
static uint64_t ask(struct tdcall *call)
{
    call->rax = TDG_VP_VMCALL;
    call->rcx = GHCI_MASK_R10_R15;
    call->r10 = 0;
    tdcall(call);
    return call->rax == TDX_SUCCESS ? call->r10 : GHCI_INVALID_OPERAND;
}

bool ghci_io_read(uint16_t port, unsigned size, uint32_t *value)
{
    struct tdcall call = {.r11 = GHCI_IO, .r12 = size, .r13 = GHCI_READ, .r14 = port};

    if (ask(&call) != GHCI_SUCCESS)
        return false;
    *value = (uint32_t)call.r11;
    return true;
}

bool ghci_io_write(uint16_t port, unsigned size, uint32_t value)
{
    struct tdcall call = {
        .r11 = GHCI_IO, .r12 = size, .r13 = GHCI_WRITE, .r14 = port, .r15 = value};

    return ask(&call) == GHCI_SUCCESS;
}

bool ghci_mmio_read(struct gpa at, unsigned size, uint64_t *value)
{
    struct tdcall call = {
        .r11 = GHCI_MMIO, .r12 = size, .r13 = GHCI_READ, .r14 = at.v | shared_bit};

    if (ask(&call) != GHCI_SUCCESS)
        return false;
    *value = call.r11;
    return true;
}

bool ghci_mmio_write(struct gpa at, unsigned size, uint64_t value)
{
    struct tdcall call = {
        .r11 = GHCI_MMIO, .r12 = size, .r13 = GHCI_WRITE, .r14 = at.v | shared_bit, .r15 = value};

    return ask(&call) == GHCI_SUCCESS;
}

bool ghci_rdmsr(uint32_t msr, uint64_t *value)
{
    struct tdcall call = {.r11 = GHCI_RDMSR, .r12 = msr};

    if (ask(&call) != GHCI_SUCCESS)
        return false;
    *value = call.r11;
    return true;
}

bool ghci_wrmsr(uint32_t msr, uint64_t value)
{
    struct tdcall call = {.r11 = GHCI_WRMSR, .r12 = msr, .r13 = value};

    return ask(&call) == GHCI_SUCCESS;
}

/* The host may do part of it and name the place to go on, which has to lie ahead. */
bool ghci_map_gpa(struct gpa start, uint64_t size, bool shared)
{
    uint64_t bit = shared ? shared_bit : 0;
    uint64_t end = start.v + size;

    for (unsigned tries = 0; tries < MAP_GPA_RETRIES; tries++) {
        struct tdcall call = {.r11 = GHCI_MAP_GPA, .r12 = start.v | bit, .r13 = end - start.v};
        uint64_t verdict = ask(&call);
        if (verdict != GHCI_RETRY)
            return verdict == GHCI_SUCCESS;
        uint64_t next = call.r11 & ~shared_bit;
        if (next < start.v || next >= end || next % 4096 != 0)
            return false;
        start = gpa(next);
    }
    return false;
}

void ghci_hlt(bool blocked)
{
    struct tdcall call = {
        .rax = TDG_VP_VMCALL, .rcx = GHCI_MASK_R10_R15, .r11 = GHCI_HLT, .r12 = blocked};

    if (blocked) {
        tdcall(&call);
        return;
    }
    tdcall_sti(&call);
    __asm__ volatile("cli" ::: "memory");
}

void ghci_report_fatal_error(const char *text)
{
    struct tdcall call = {
        .rax = TDG_VP_VMCALL, .rcx = GHCI_MASK_ALL, .r11 = GHCI_REPORT_FATAL_ERROR};
    uint64_t words[GHCI_FATAL_TEXT / 8] = {0};

    bytes_copy(words, text, text_length(text, sizeof words));
    call.r14 = words[0];
    call.r15 = words[1];
    call.rbx = words[2];
    call.rdi = words[3];
    call.rsi = words[4];
    call.r8 = words[5];
    call.r9 = words[6];
    call.rdx = words[7];
    tdcall(&call);
}
