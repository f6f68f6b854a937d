/* XSETBV: XCR0 is shared by L1 and L2, so L2's is executed here once it is known not to fault. */
#include "abi/x86.h"
#include "arch/cpu.h"
#include "exits/exits.h"

/* State components (SDM volume 1, 13.1). */
#define XCR0_X87    (1ULL << 0)
#define XCR0_SSE    (1ULL << 1)
#define XCR0_AVX    (1ULL << 2)
#define XCR0_MPX    (3ULL << 3)
#define XCR0_AVX512 (7ULL << 5)
#define XCR0_AMX    (3ULL << 17)

static bool both_or_none(uint64_t value, uint64_t components)
{
    return (value & components) == 0 || (value & components) == components;
}

/* SDM volume 2D, XSETBV: #GP when any of these is violated. */
static bool is_valid(uint64_t value)
{
    struct cpuid leaf = cpuid(0xd, 0);
    uint64_t supported = leaf.eax | (uint64_t)leaf.edx << 32;

    if ((value & ~supported) != 0 || (value & XCR0_X87) == 0)
        return false;
    if ((value & XCR0_AVX) != 0 && (value & XCR0_SSE) == 0)
        return false;
    if ((value & XCR0_AVX512) != 0 && (value & XCR0_AVX) == 0)
        return false;
    return both_or_none(value, XCR0_MPX) && both_or_none(value, XCR0_AVX512) &&
           both_or_none(value, XCR0_AMX);
}

void exit_xsetbv(struct vcpu *vcpu)
{
    const uint64_t *gpr = vcpu->state->gpr;
    uint64_t value = (uint32_t)gpr[L2_RAX] | gpr[L2_RDX] << 32;

    if ((vcpu->exit.cpl & 3) != 0 || (uint32_t)gpr[L2_RCX] != 0 || !is_valid(value)) {
        vcpu_raise(vcpu, VECTOR_GP);
        return;
    }
    xsetbv(0, value);
    vcpu_skip(vcpu);
}
