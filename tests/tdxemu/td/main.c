/* A TD that tries what tdxemu offers and says on port 0x402 what it found. */
#include "td.h"

#include "abi/ghci.h"
#include "abi/tdx_tdcall.h"

#define DEBUG_PORT 0x402

void td_main(void);
void interrupt(uint64_t vector, uint64_t *frame);

struct gate {
    uint16_t low, selector, flags, middle;
    uint32_t high, reserved;
};

static struct gate idt[256];
volatile uint64_t interrupts[256];
static bool failed;

uint64_t leaf(uint64_t gpr[L2_REGISTERS], uint64_t number, uint64_t rcx, uint64_t rdx, uint64_t r8,
              uint64_t r9)
{
    for (unsigned i = 0; i < L2_REGISTERS; i++)
        gpr[i] = 0;
    gpr[L2_RAX] = number;
    gpr[L2_RCX] = rcx;
    gpr[L2_RDX] = rdx;
    gpr[L2_R8] = r8;
    gpr[L2_R9] = r9;
    tdcall(gpr);
    return gpr[L2_RAX];
}

uint64_t vmcall(uint64_t gpr[L2_REGISTERS], uint64_t function, uint64_t r12, uint64_t r13,
                uint64_t r14, uint64_t r15)
{
    for (unsigned i = 0; i < L2_REGISTERS; i++)
        gpr[i] = 0;
    gpr[L2_RCX] = GHCI_MASK_R10_R15;
    gpr[L2_R11] = function;
    gpr[L2_R12] = r12;
    gpr[L2_R13] = r13;
    gpr[L2_R14] = r14;
    gpr[L2_R15] = r15;
    tdcall(gpr);
    return gpr[L2_R10];
}

static void out(uint16_t port, unsigned size, uint64_t value)
{
    uint64_t gpr[L2_REGISTERS];
    vmcall(gpr, GHCI_IO, size, GHCI_WRITE, port, value);
}

void put(const char *text)
{
    for (; *text; text++)
        out(DEBUG_PORT, 1, (unsigned char)*text);
}

static void put_hex(uint64_t value)
{
    char text[17];
    for (unsigned i = 0; i < 16; i++)
        text[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
    text[16] = 0;
    put(text);
}

void check(const char *name, uint64_t value, uint64_t expected)
{
    put(value == expected ? "ok " : "not ok ");
    put(name);
    if (value != expected) {
        failed = true;
        put(": ");
        put_hex(value);
        put(" expected ");
        put_hex(expected);
    }
    put("\n");
}

static void load_idt(void)
{
    struct __attribute__((packed)) {
        uint16_t limit;
        uint64_t base;
    } pointer = {sizeof idt - 1, (uint64_t)(uintptr_t)idt};
    for (unsigned v = 0; v < 256; v++) {
        uint64_t at = (uint64_t)(uintptr_t)stubs + 16ULL * v;
        idt[v] = (struct gate){(uint16_t)at,         0x18, 0x8e00, (uint16_t)(at >> 16),
                               (uint32_t)(at >> 32), 0};
    }
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

void td_main(void)
{
    load_idt();
    put("td: started\n");
    test_leaves();
    test_ve();
    test_timer();
    test_l2();
    put(failed ? "td: failed\n" : "td: done\n");
    out(0xcf8, 4, 0x8000f840); /* q35 power management base: 0x600 */
    out(0xcfc, 4, 0x600);
    out(0xcf8, 4, 0x8000f844);
    out(0xcfc, 1, 0x80);
    out(0x604, 2, 0x2000);
}
