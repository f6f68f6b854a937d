#include "arch/idt.h"

#include "abi/tdx_tdcall.h"
#include "abi/x86.h"
#include "arch/cpu.h"
#include "arch/fatal.h"
#include "tdx/tdx.h"

enum {
    FIRST_INTERRUPT = 32,
    STUB_SIZE = 16,
    CODE_SELECTOR = 0x08,
    GATE_INTERRUPT = 0x8e /* present, DPL 0, 64-bit interrupt gate */
};

struct gate {
    uint16_t offset_low;
    uint16_t selector;
    uint8_t ist;
    uint8_t type;
    uint16_t offset_middle;
    uint32_t offset_high;
    uint32_t reserved;
};

/* As vectors.S leaves it. */
struct trap_frame {
    uint64_t r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

struct fixup {
    uint64_t at;
    uint64_t go_on;
};

extern const unsigned char vectors[];
extern const struct fixup fixups_start[];
extern const struct fixup fixups_end[];

void trap(struct trap_frame *frame);

static struct gate idt[256];
static uint64_t taken[4]; /* interrupts that came, a bit each; IF is 0 wherever C looks here */

void idt_load(void)
{
    for (unsigned i = 0; i < 256; i++) {
        uint64_t stub = (uint64_t)vectors + (uint64_t)i * STUB_SIZE;
        idt[i] = (struct gate){.offset_low = (uint16_t)stub,
                               .selector = CODE_SELECTOR,
                               .type = GATE_INTERRUPT,
                               .offset_middle = (uint16_t)(stub >> 16),
                               .offset_high = (uint32_t)(stub >> 32)};
    }
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } pointer = {sizeof idt - 1, (uint64_t)idt};
    __asm__ volatile("lidt %0" ::"m"(pointer));
}

static bool fix_up(struct trap_frame *frame)
{
    uint64_t count = ((uint64_t)fixups_end - (uint64_t)fixups_start) / sizeof *fixups_start;

    for (uint64_t i = 0; i < count; i++) {
        if (fixups_start[i].at != frame->rip)
            continue;
        frame->rip = fixups_start[i].go_on;
        return true;
    }
    return false;
}

void trap(struct trap_frame *frame)
{
    uint64_t reason = 0;
    struct gpa at = gpa(0);

    if (frame->vector >= FIRST_INTERRUPT) {
        taken[frame->vector / 64] |= 1ULL << frame->vector % 64;
        msr_write(X2APIC_MSR(APIC_EOI), 0);
        return;
    }
    if (frame->vector == VECTOR_VE && tdx_vp_veinfo_get(&reason, &at) != TDX_SUCCESS)
        reason = ~0ULL;
    if (!fix_up(frame))
        fatal("exception %lu at %lx, error code %lx, #VE reason %ld, address %lx", frame->vector,
              frame->rip, frame->error, (long)reason, at.v);
}

bool interrupt_take(uint8_t *vector)
{
    for (unsigned word = 4; word-- > 0;) {
        if (taken[word] == 0)
            continue;
        unsigned bit = 63U - (unsigned)__builtin_clzll(taken[word]);
        taken[word] &= ~(1ULL << bit);
        *vector = (uint8_t)(word * 64 + bit);
        return true;
    }
    return false;
}
