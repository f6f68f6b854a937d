#include "host/lapic.h"

#include <string.h>

#include "abi/x86.h"

#define LAPIC_VERSION   0x00050014U
#define LOGICAL_ID      1U
#define LVT_MODE        (APIC_TIMER_PERIODIC | APIC_TIMER_DEADLINE)
#define LVT_VECTOR      0xffU
#define FIRST_VECTOR    16U
#define ICR_FIXED       0U
#define ICR_MODE(icr)   ((icr) >> 8 & 7U)
#define ICR_LOGICAL     (1U << 11)
#define ICR_SHORT(icr)  ((icr) >> 18 & 3U)
#define SHORT_NONE      0U
#define SHORT_SELF      1U
#define SHORT_ALL       2U
#define BROADCAST       0xffffffffU
#define MSR_OF(offset)  ((uint32_t)X2APIC_MSR(offset))
#define MSR_LVT_CMCI    MSR_OF(0x2f0)
#define MSR_LVT_THERMAL MSR_OF(0x330)

void lapic_reset(struct lapic *lapic)
{
    memset(lapic, 0, sizeof *lapic);
    lapic->svr = LVT_VECTOR;
    lapic->timer_lvt = APIC_LVT_MASKED;
    lapic->deadline = LAPIC_NEVER;
    for (unsigned i = 0; i < sizeof lapic->lvt / sizeof *lapic->lvt; i++)
        lapic->lvt[i] = APIC_LVT_MASKED;
}

/* Divide configuration: bits 3, 1 and 0; 111 divides by 1. */
static unsigned divide_shift(const struct lapic *lapic)
{
    unsigned code = (lapic->divide & 3U) | (lapic->divide >> 1 & 4U);
    return (code + 1) & 7U;
}

static uint64_t current_count(const struct lapic *lapic, uint64_t now)
{
    if (lapic->timer_lvt & APIC_TIMER_DEADLINE || lapic->deadline == LAPIC_NEVER ||
        lapic->deadline <= now)
        return 0;
    return (lapic->deadline - now) >> divide_shift(lapic);
}

static int lvt_index(uint32_t msr)
{
    if (msr == MSR_LVT_CMCI)
        return 0;
    if (msr >= MSR_LVT_THERMAL && msr <= MSR_OF(APIC_LVT_ERROR))
        return (int)(1 + msr - MSR_LVT_THERMAL);
    return -1;
}

bool lapic_read(const struct lapic *lapic, uint32_t msr, uint64_t now, uint64_t *value)
{
    int lvt = lvt_index(msr);
    if (lvt >= 0)
        *value = lapic->lvt[lvt];
    else if (msr == MSR_OF(APIC_ID) || msr == MSR_OF(APIC_ICR))
        *value = 0;
    else if (msr == MSR_OF(APIC_VERSION))
        *value = LAPIC_VERSION;
    else if (msr == MSR_OF(APIC_LDR))
        *value = LOGICAL_ID;
    else if (msr == MSR_OF(APIC_SVR))
        *value = lapic->svr;
    else if (msr == MSR_OF(APIC_ESR))
        *value = lapic->esr;
    else if (msr == MSR_OF(APIC_LVT_TIMER))
        *value = lapic->timer_lvt;
    else if (msr == MSR_OF(APIC_TIMER_INITIAL))
        *value = lapic->initial;
    else if (msr == MSR_OF(APIC_TIMER_CURRENT))
        *value = current_count(lapic, now);
    else if (msr == MSR_OF(APIC_TIMER_DIVIDE))
        *value = lapic->divide;
    else if (msr == MSR_TSC_DEADLINE)
        *value = lapic->timer_lvt & APIC_TIMER_DEADLINE && lapic->deadline != LAPIC_NEVER
                     ? lapic->deadline
                     : 0;
    else
        return false;
    return true;
}

static uint8_t send(uint64_t icr)
{
    uint32_t low = (uint32_t)icr;
    uint32_t to = (uint32_t)(icr >> 32);
    uint8_t vector = low & LVT_VECTOR;
    if (ICR_MODE(low) != ICR_FIXED || vector < FIRST_VECTOR)
        return 0;
    if (ICR_SHORT(low) == SHORT_SELF || ICR_SHORT(low) == SHORT_ALL)
        return vector;
    if (ICR_SHORT(low) != SHORT_NONE)
        return 0;
    if (low & ICR_LOGICAL)
        return to >> 16 == 0 && to & LOGICAL_ID ? vector : 0;
    return to == 0 || to == BROADCAST ? vector : 0;
}

static void start(struct lapic *lapic, uint32_t count, uint64_t now)
{
    lapic->initial = count;
    if (lapic->timer_lvt & APIC_TIMER_DEADLINE)
        return;
    uint64_t cycles = (uint64_t)count << divide_shift(lapic);
    lapic->deadline = count ? now + cycles : LAPIC_NEVER;
    lapic->period = lapic->timer_lvt & APIC_TIMER_PERIODIC ? cycles : 0;
}

static void set_timer_lvt(struct lapic *lapic, uint32_t value)
{
    if ((value ^ lapic->timer_lvt) & APIC_TIMER_DEADLINE)
        lapic->deadline = LAPIC_NEVER;
    lapic->timer_lvt = value & (LVT_VECTOR | APIC_LVT_MASKED | LVT_MODE);
    uint64_t cycles = (uint64_t)lapic->initial << divide_shift(lapic);
    lapic->period = value & APIC_TIMER_PERIODIC ? cycles : 0;
}

static void set_deadline(struct lapic *lapic, uint64_t value)
{
    if (lapic->timer_lvt & APIC_TIMER_DEADLINE)
        lapic->deadline = value ? value : LAPIC_NEVER;
}

bool lapic_write(struct lapic *lapic, uint32_t msr, uint64_t value, uint64_t now, uint8_t *vector)
{
    int lvt = lvt_index(msr);
    *vector = 0;
    if (lvt >= 0)
        lapic->lvt[lvt] = (uint32_t)value;
    else if (msr == MSR_OF(APIC_SVR))
        lapic->svr = (uint32_t)value;
    else if (msr == MSR_OF(APIC_ESR))
        lapic->esr = 0;
    else if (msr == MSR_OF(APIC_ICR))
        *vector = send(value);
    else if (msr == MSR_OF(APIC_LVT_TIMER))
        set_timer_lvt(lapic, (uint32_t)value);
    else if (msr == MSR_OF(APIC_TIMER_INITIAL))
        start(lapic, (uint32_t)value, now);
    else if (msr == MSR_OF(APIC_TIMER_DIVIDE))
        lapic->divide = (uint32_t)value & 0xbU;
    else if (msr == MSR_TSC_DEADLINE)
        set_deadline(lapic, value);
    else
        return false;
    return true;
}

uint8_t lapic_tick(struct lapic *lapic, uint64_t now)
{
    if (lapic->deadline == LAPIC_NEVER || now < lapic->deadline)
        return 0;
    if (lapic->period) {
        lapic->deadline += lapic->period;
        if (lapic->deadline <= now)
            lapic->deadline = now + lapic->period;
    } else {
        lapic->deadline = LAPIC_NEVER;
    }
    uint8_t vector = lapic->timer_lvt & LVT_VECTOR;
    return lapic->timer_lvt & APIC_LVT_MASKED || vector < FIRST_VECTOR ? 0 : vector;
}
