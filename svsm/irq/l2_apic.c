#include "irq/l2_apic.h"

#include "abi/x86.h"
#include "abi/x86_paging.h"

#define VERSION        0x00050014U /* integrated, LVT entries to LVT Error */
#define SVR_RESET      0xffU
#define SVR_WRITABLE   0x1ffU
#define LVT_WRITABLE   0x000187ffU
#define LVT_TIMER_MODE 0x00060000U
#define ICR_LOGICAL    0x800U
#define ICR_MODE       0x700U
#define ICR_SHORTHAND  0xc0000U
#define ICR_TO_SELF    0x40000U
#define ICR_TO_ALL     0x80000U
#define ICR_TO_OTHERS  0xc0000U

enum {
    FIRST_VECTOR = 16
};

static uint32_t page[X86_PAGE_SIZE / 4] __attribute__((aligned(X86_PAGE_SIZE)));
static struct l2_enter_guest_state *state;
static uint64_t deadline; /* 0: not armed, as the MSR reads */

static uint32_t *reg(unsigned offset)
{
    return &page[offset / 4];
}

void l2_apic_start(struct l2_enter_guest_state *guest)
{
    state = guest;
    *reg(APIC_VERSION) = VERSION;
    *reg(APIC_LDR) = 1;
    *reg(APIC_SVR) = SVR_RESET;
    for (unsigned offset = APIC_LVT_TIMER; offset <= APIC_LVT_ERROR; offset += 16)
        *reg(offset) = APIC_LVT_MASKED;
}

struct gpa l2_apic_page(void)
{
    return gpa((uint64_t)page);
}

void l2_apic_request(uint8_t vector)
{
    *reg(APIC_IRR + vector / 32U * 16U) |= 1U << vector % 32;
    if (vector > state->rvi)
        state->rvi = vector;
}

bool l2_apic_deliverable(void)
{
    return state->rvi >> 4 > (*reg(APIC_PPR) >> 4 & 15);
}

uint64_t l2_apic_deadline(void)
{
    return deadline == 0 ? UINT64_MAX : deadline;
}

void l2_apic_expire(uint64_t now)
{
    uint32_t timer = *reg(APIC_LVT_TIMER);

    if (deadline == 0 || now < deadline)
        return;
    deadline = 0;
    if ((timer & APIC_LVT_MASKED) == 0 && (timer & 0xff) >= FIRST_VECTOR)
        l2_apic_request((uint8_t)timer);
}

static bool in_deadline_mode(void)
{
    return (*reg(APIC_LVT_TIMER) & LVT_TIMER_MODE) == APIC_TIMER_DEADLINE;
}

/* Registers that are stored and read as they are; the rest of the page is not L2's to see. */
static bool is_readable(unsigned offset)
{
    if (offset >= APIC_ISR && offset < APIC_ESR)
        return true;
    if (offset >= APIC_LVT_TIMER && offset <= APIC_LVT_ERROR)
        return true;
    switch (offset) {
    case APIC_ID:
    case APIC_VERSION:
    case APIC_TPR:
    case APIC_PPR:
    case APIC_LDR:
    case APIC_SVR:
    case APIC_ESR:
    case APIC_TIMER_INITIAL:
    case APIC_TIMER_CURRENT:
    case APIC_TIMER_DIVIDE:
        return true;
    default:
        return false;
    }
}

bool l2_apic_read(uint32_t msr, uint64_t *value)
{
    unsigned offset = (msr - MSR_X2APIC_FIRST) * 16;

    if (msr == MSR_TSC_DEADLINE) {
        *value = in_deadline_mode() ? deadline : 0;
        return true;
    }
    if (offset == APIC_ICR) {
        *value = *reg(APIC_ICR) | (uint64_t)*reg(APIC_ICR + 16) << 32;
        return true;
    }
    if (!is_readable(offset))
        return false;
    *value = *reg(offset);
    return true;
}

/* Whether the destination of an IPI is this, the only, local APIC: id 0, logical id 1. */
static bool is_self(uint64_t icr)
{
    uint32_t destination = (uint32_t)(icr >> 32);

    switch (icr & ICR_SHORTHAND) {
    case ICR_TO_SELF:
    case ICR_TO_ALL:
        return true;
    case ICR_TO_OTHERS:
        return false;
    default:
        break;
    }
    if (destination == UINT32_MAX)
        return true;
    return (icr & ICR_LOGICAL) == 0 ? destination == 0 : destination == 1;
}

static bool write_icr(uint64_t value)
{
    *reg(APIC_ICR) = (uint32_t)value;
    *reg(APIC_ICR + 16) = (uint32_t)(value >> 32);
    if ((value & ICR_MODE) == 0 && is_self(value) && (value & 0xff) >= FIRST_VECTOR)
        l2_apic_request((uint8_t)value);
    return true;
}

static bool write_timer(uint32_t value)
{
    /* One-shot and periodic timers would never expire: CPUID tells L2 to use the deadline. */
    if ((value & APIC_LVT_MASKED) == 0 && (value & LVT_TIMER_MODE) != APIC_TIMER_DEADLINE)
        value |= APIC_LVT_MASKED;
    *reg(APIC_LVT_TIMER) = value & (LVT_WRITABLE | LVT_TIMER_MODE);
    if (!in_deadline_mode())
        deadline = 0;
    return true;
}

bool l2_apic_write(uint32_t msr, uint64_t value)
{
    unsigned offset = (msr - MSR_X2APIC_FIRST) * 16;

    if (msr == MSR_TSC_DEADLINE) {
        deadline = in_deadline_mode() ? value : 0;
        return true;
    }
    if (offset == APIC_ICR)
        return write_icr(value);
    if (value >> 32 != 0)
        return false;
    switch (offset) {
    case APIC_LVT_TIMER:
        return write_timer((uint32_t)value);
    case APIC_SVR:
        *reg(APIC_SVR) = (uint32_t)value & SVR_WRITABLE;
        return true;
    case APIC_ESR:
        *reg(APIC_ESR) = 0;
        return value == 0;
    case APIC_TIMER_INITIAL:
    case APIC_TIMER_DIVIDE:
        *reg(offset) = (uint32_t)value;
        return true;
    default:
        break;
    }
    if (offset <= APIC_LVT_TIMER || offset > APIC_LVT_ERROR)
        return false;
    *reg(offset) = (uint32_t)value & LVT_WRITABLE;
    return true;
}
