#include "host/msr.h"

#include "abi/x86.h"

#define APIC_BASE_X2APIC_BSP 0xfee00d00U
#define FEATURES_LOCKED      1U
#define MSR_PLATFORM_ID      0x17U
#define MSR_MICROCODE        0x8bU
#define MSR_MCG_CAP          0x179U
#define MTRR_FIRST           0x200U
#define MTRR_COUNT           0x100U

static uint64_t mtrr[MTRR_COUNT];

bool host_msr_read(uint32_t msr, uint64_t *value)
{
    if (msr - MTRR_FIRST < MTRR_COUNT) {
        *value = mtrr[msr - MTRR_FIRST];
        return true;
    }
    switch (msr) {
    case MSR_APIC_BASE:
        *value = APIC_BASE_X2APIC_BSP;
        return true;
    case MSR_FEATURE_CONTROL:
        *value = FEATURES_LOCKED;
        return true;
    case MSR_MICROCODE:
        *value = 1ULL << 32;
        return true;
    case MSR_MTRRCAP: /* no variable ranges */
    case MSR_PLATFORM_ID:
    case MSR_MCG_CAP:
        *value = 0;
        return true;
    default:
        return false;
    }
}

bool host_msr_write(uint32_t msr, uint64_t value)
{
    if (msr - MTRR_FIRST < MTRR_COUNT) {
        mtrr[msr - MTRR_FIRST] = value;
        return true;
    }
    return msr == MSR_APIC_BASE ? value == APIC_BASE_X2APIC_BSP : msr == MSR_MICROCODE;
}
