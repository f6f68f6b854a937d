/* What the exit handlers ask of the rest of svsm, over the fake host. */
#include "fake/l2.h"
#include "abi/tdx_tdcall.h"
#include "arch/copy.h"
#include "fake/host.h"
#include "mem/memory.h"
#include "tdx/ghci.h"
#include "vcpu/vcpu.h"
#include "vcpu/vmcs.h"

#define SHARED_BIT (1ULL << 47)

struct fake_l2 fake_l2;

void fake_l2_reset(struct vcpu *vcpu)
{
    static struct l2_enter_guest_state state;

    fake_l2 = (struct fake_l2){.shared_from = UINT64_MAX};
    state = (struct l2_enter_guest_state){.rip = 0x1000};
    *vcpu = (struct vcpu){.state = &state};
    vcpu->exit.instruction = (uint64_t)TDCALL_LENGTH << 32;
}

bool memory_is_l2(struct gpa at, uint64_t length)
{
    return memory_l2(at, length) != NULL;
}

bool memory_is_td(struct gpa at, uint64_t length)
{
    for (size_t i = 0; i < fake_host.range_count; i++) {
        const struct guestmem_range *range = &fake_host.ranges[i];
        if (at.v < range->start.v + range->size && range->start.v < at.v + length)
            return true;
    }
    return false;
}

void memory_make_shared(struct gpa start, uint64_t size)
{
    fake_l2.shared_from = start.v;
    fake_l2.shared_size = size;
}

uint64_t memory_make_private(struct gpa page, unsigned level)
{
    (void)level;
    fake_l2.accepted = page.v;
    return TDX_SUCCESS;
}

uint64_t ghci_shared_bit(void)
{
    return SHARED_BIT;
}

bool ghci_map_gpa(struct gpa start, uint64_t size, bool shared)
{
    (void)start;
    (void)size;
    fake_l2.mapped++;
    fake_l2.mapped_shared = shared;
    return !fake_host.refuses_io;
}

uint64_t tdx_vp_info(struct tdx_vp_info *info)
{
    *info = (struct tdx_vp_info){.gpaw = 48, .vcpus = 4};
    return TDX_SUCCESS;
}

uint64_t vmcs_read(uint32_t encoding)
{
    (void)encoding;
    return fake_l2.cr4;
}

void vcpu_power_off(struct vcpu *vcpu)
{
    (void)vcpu;
    longjmp(fake_host.gave_up, 1);
}

bool cpuid_guarded(uint32_t leaf, uint32_t subleaf, struct cpuid *out)
{
    *out = cpuid(leaf, subleaf);
    return true;
}
