#include "boot/interrupts.h"

#include "abi/x86.h"
#include "boot/cpu.h"
#include "boot/print.h"

#define APIC_PAGE         0xfee00000U
#define APIC_LVT_LINT0    0x350
#define APIC_LVT_LINT1    0x360
#define APIC_ENABLED      0x100U
#define APIC_DIVIDE_BY_1  0xbU
#define APIC_ICR_SELF     0x40000U /* shorthand: self, fixed, edge */
#define VECTOR_SPURIOUS   0xffU
#define VECTOR_FIRST_IRQ  32U
#define APIC_HZ           1000000000U
#define CALIBRATION_TICKS 10000000U /* 10 ms */
#define CALIBRATION_TRIES 64U
#define TICKS_MAX         0x7fffffffU
#define MHZ               1000000U
#define IDT_GATES         256

struct gate {
    uint16_t offset_low, selector, flags, offset_mid;
    uint32_t offset_high, reserved;
};

struct __attribute__((packed)) idt_pointer {
    uint16_t limit;
    uint64_t base;
};

/* boot/vectors.S: one stub a vector, 16 bytes apart. */
extern const char interrupt_stubs[];
void interrupt_received(unsigned vector, const uint64_t *frame);

static struct gate idt[IDT_GATES];
static uint64_t arrived[4];
static uint64_t frequency;
static uint64_t armed = TIMER_NEVER;

static void apic_write(unsigned offset, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(APIC_PAGE + offset) = value;
}

static uint32_t apic_read(unsigned offset)
{
    return *(volatile uint32_t *)(uintptr_t)(APIC_PAGE + offset);
}

void interrupt_received(unsigned vector, const uint64_t *frame)
{
    if (vector < VECTOR_FIRST_IRQ)
        refuse_machine("exception %u in tdxemu, stack %lx %lx %lx", vector, frame[0], frame[1],
                       frame[2]);
    if (vector == VECTOR_SPURIOUS)
        return;
    apic_write(APIC_EOI, 0);
    if (vector == VECTOR_TIMER)
        armed = TIMER_NEVER;
    else if (vector != VECTOR_KICK)
        arrived[vector / 64] |= 1ULL << vector % 64;
}

bool interrupts_take(uint8_t *vector)
{
    for (unsigned i = 0; i < 4; i++) {
        if (!arrived[i])
            continue;
        unsigned bit = (unsigned)__builtin_ctzll(arrived[i]);
        arrived[i] &= arrived[i] - 1;
        *vector = (uint8_t)(i * 64 + bit);
        return true;
    }
    return false;
}

static void fill_idt(void)
{
    for (unsigned v = 0; v < IDT_GATES; v++) {
        uint64_t at = (uint64_t)(uintptr_t)interrupt_stubs + 16ULL * v;
        idt[v] = (struct gate){(uint16_t)at,         0x18, 0x8e00, (uint16_t)(at >> 16),
                               (uint32_t)(at >> 32), 0};
    }
    struct idt_pointer pointer = {sizeof idt - 1, (uint64_t)(uintptr_t)idt};
    idt_load(&pointer);
}

/* Both counters at one moment: the pair whose reading took least time of several. */
struct moment {
    uint64_t tsc;
    uint32_t ticks;
};

static struct moment sample(void)
{
    struct moment best = {0, 0};
    uint64_t shortest = UINT64_MAX;
    for (unsigned i = 0; i < CALIBRATION_TRIES; i++) {
        uint64_t before = tsc_read();
        uint32_t ticks = apic_read(APIC_TIMER_CURRENT);
        uint64_t took = tsc_read() - before;
        if (took >= shortest)
            continue;
        shortest = took;
        best = (struct moment){before + took / 2, ticks};
    }
    return best;
}

/* Both run from the same virtual clock; rounding hides the jitter of reading them. */
static uint64_t measure_tsc(void)
{
    apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
    struct moment from = sample();
    while (from.ticks - apic_read(APIC_TIMER_CURRENT) < CALIBRATION_TICKS)
        ;
    struct moment to = sample();
    apic_write(APIC_TIMER_INITIAL, 0);
    uint64_t ticks = from.ticks - to.ticks;
    uint64_t kilo = (to.tsc - from.tsc) * (APIC_HZ / MHZ) * 1000 / ticks;
    return (kilo + 500) / 1000 * MHZ;
}

void interrupts_init(void)
{
    fill_idt();
    apic_write(APIC_SVR, APIC_ENABLED | VECTOR_SPURIOUS);
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    apic_write(APIC_LVT_LINT1, APIC_LVT_MASKED);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_TIMER);
    frequency = measure_tsc();
    apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

uint64_t tsc_hz(void)
{
    return frequency;
}

static uint32_t ticks_until(uint64_t deadline)
{
    uint64_t now = tsc_read();
    if (deadline <= now)
        return 1;
    uint64_t cycles = deadline - now;
    if (cycles >= (uint64_t)TICKS_MAX * frequency / APIC_HZ)
        return TICKS_MAX;
    return (uint32_t)(cycles * (APIC_HZ / MHZ) / (frequency / MHZ)) + 1;
}

void timer_arm(uint64_t deadline)
{
    if (deadline >= armed)
        return;
    armed = deadline;
    apic_write(APIC_TIMER_INITIAL, ticks_until(deadline));
}

void interrupts_kick(void)
{
    apic_write(APIC_ICR, APIC_ICR_SELF | VECTOR_KICK);
}
