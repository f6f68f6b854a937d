#include "vcpu/msr_bitmap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/tdx_fields.h"
#include "abi/x86.h"
#include "vcpu/vcpu.h"
#include "vcpu/vmcs.h"

/* Quarters of the bitmap: reads of low and high MSRs, writes of both (SDM 24.6.9). */
#define QUARTER_WORDS (TDX_MSR_BITMAP_WORDS / 4U)
#define HIGH          0xc0000000U

struct passed {
    uint32_t msr;
    bool read, write;
};

static const struct passed passed[] = {
    {MSR_TSC, true, false},
    {MSR_SPEC_CTRL, true, true},
    {MSR_PRED_CMD, true, true},
    {MSR_ARCH_CAPABILITIES, true, false},
    {MSR_SYSENTER_CS, true, true},
    {MSR_SYSENTER_ESP, true, true},
    {MSR_SYSENTER_EIP, true, true},
    {MSR_MISC_ENABLE, true, false},
    {MSR_PAT, true, true},
    {X2APIC_MSR(APIC_TPR), true, true},
    {X2APIC_MSR(APIC_EOI), false, true},
    {X2APIC_MSR(APIC_SELF_IPI), false, true},
    {MSR_EFER, true, true},
    {MSR_STAR, true, true},
    {MSR_LSTAR, true, true},
    {MSR_FMASK, true, true},
    {MSR_FS_BASE, true, true},
    {MSR_GS_BASE, true, true},
    {MSR_KERNEL_GS_BASE, true, true},
    {MSR_TSC_AUX, true, true},
};

/* The word of the bitmap that holds the bit of `msr`. */
static unsigned word_of(uint32_t msr, bool write)
{
    unsigned quarter = (write ? 2U : 0U) + (msr >= HIGH ? 1U : 0U);

    return quarter * QUARTER_WORDS + (msr & 0x1fff) / 64;
}

static uint64_t bits_of_word(unsigned word)
{
    uint64_t bits = ~0ULL;

    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) {
        const struct passed *entry = &passed[i];
        if ((entry->read && word_of(entry->msr, false) == word) ||
            (entry->write && word_of(entry->msr, true) == word))
            bits &= ~(1ULL << entry->msr % 64);
    }
    return bits;
}

void msr_bitmap_write(void)
{
    for (unsigned word = 0; word < TDX_MSR_BITMAP_WORDS; word++) {
        uint64_t bits = bits_of_word(word);
        if (bits != ~0ULL)
            vp_write(TDVPS_L2_MSR_BITMAP(L2_VM, word), bits);
    }
}
