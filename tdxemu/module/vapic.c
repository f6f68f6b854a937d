#include "module/vapic.h"

#include <string.h>

#include "abi/x86.h"

#define CLASS(vector)     ((vector) >> 4)
#define CLASS_MASK        0xf0U
#define REGISTER_STRIDE   16U
#define VECTORS_A_REG     32U
#define VECTOR_REGISTERS  8U
#define SELF_IPI_VECTORS  0xffU
#define APIC_PAGE_OFFSETS 0xff0U

static uint32_t get(const struct vapic *vapic, unsigned offset)
{
    uint32_t value;
    memcpy(&value, vapic->page + (offset & APIC_PAGE_OFFSETS), sizeof value);
    return value;
}

static void set(struct vapic *vapic, unsigned offset, uint32_t value)
{
    memcpy(vapic->page + (offset & APIC_PAGE_OFFSETS), &value, sizeof value);
}

static unsigned register_of(unsigned first, uint8_t vector)
{
    return first + vector / VECTORS_A_REG * REGISTER_STRIDE;
}

static void set_bit(struct vapic *vapic, unsigned first, uint8_t vector, bool on)
{
    unsigned at = register_of(first, vector);
    uint32_t bit = 1U << vector % VECTORS_A_REG;
    set(vapic, at, on ? get(vapic, at) | bit : get(vapic, at) & ~bit);
}

static uint8_t highest(const struct vapic *vapic, unsigned first)
{
    for (unsigned i = VECTOR_REGISTERS; i-- > 0;) {
        uint32_t value = get(vapic, first + i * REGISTER_STRIDE);
        if (value)
            return (uint8_t)(i * VECTORS_A_REG + 31U - (unsigned)__builtin_clz(value));
    }
    return 0;
}

void vapic_post(struct vapic *vapic, uint8_t vector)
{
    set_bit(vapic, APIC_IRR, vector, true);
    if (vector > vapic->rvi)
        vapic->rvi = vector;
}

void vapic_update_ppr(struct vapic *vapic)
{
    uint32_t tpr = get(vapic, APIC_TPR) & 0xffU;
    set(vapic, APIC_PPR, CLASS(tpr) >= CLASS(vapic->svi) ? tpr : vapic->svi & CLASS_MASK);
}

bool vapic_pending(const struct vapic *vapic)
{
    return CLASS(vapic->rvi) > CLASS(get(vapic, APIC_PPR) & 0xffU);
}

uint8_t vapic_deliver(struct vapic *vapic)
{
    uint8_t vector = vapic->rvi;
    set_bit(vapic, APIC_ISR, vector, true);
    vapic->svi = vector;
    set(vapic, APIC_PPR, vector & CLASS_MASK);
    set_bit(vapic, APIC_IRR, vector, false);
    vapic->rvi = highest(vapic, APIC_IRR);
    return vector;
}

uint8_t vapic_eoi(struct vapic *vapic)
{
    uint8_t vector = vapic->svi;
    set_bit(vapic, APIC_ISR, vector, false);
    vapic->svi = highest(vapic, APIC_ISR);
    vapic_update_ppr(vapic);
    return vector;
}

void vapic_set_tpr(struct vapic *vapic, uint8_t value)
{
    set(vapic, APIC_TPR, value);
    vapic_update_ppr(vapic);
}

uint8_t vapic_tpr(const struct vapic *vapic)
{
    return (uint8_t)get(vapic, APIC_TPR);
}

uint64_t vapic_read(const struct vapic *vapic, unsigned offset)
{
    uint64_t value;
    memcpy(&value, vapic->page + (offset & APIC_PAGE_OFFSETS), sizeof value);
    return value;
}

enum vapic_write vapic_write(struct vapic *vapic, unsigned offset, uint64_t value, uint8_t *ended)
{
    switch (offset) {
    case APIC_TPR:
        if (value > UINT8_MAX)
            return VAPIC_FAULT;
        vapic_set_tpr(vapic, (uint8_t)value);
        return VAPIC_DONE;
    case APIC_EOI:
        if (value != 0)
            return VAPIC_FAULT;
        *ended = vapic_eoi(vapic);
        return VAPIC_DONE;
    case APIC_SELF_IPI:
        if (value > SELF_IPI_VECTORS)
            return VAPIC_FAULT;
        vapic_post(vapic, (uint8_t)value);
        return VAPIC_DONE;
    default:
        return VAPIC_NOT_WRITTEN;
    }
}
