#include "irq/irq.h"

#include <stdbool.h>

#include "abi/x86.h"
#include "arch/fatal.h"
#include "irq/l2_apic.h"
#include "tdx/ghci.h"

enum {
    FUNCTIONS_MAX = 256, /* device and function of bus 0 */
    ENTRIES_MAX = 64,
    TIMER_VECTOR = 0xff, /* no vector that Linux gives a device */
    MSIX_DATA = 8,       /* offset in an MSI-X entry (PCI 3.0, 6.8.2) */
    FIRST_VECTOR = 32
};

#define SVR_ENABLED 0x1ffU

static uint8_t vectors[FUNCTIONS_MAX][ENTRIES_MAX]; /* as L2 programmed them; 0: none */
static uint16_t users[256];                         /* entries with this vector */
static uint64_t dropped;
static uint64_t armed = UINT64_MAX;

static void write_msr(uint32_t msr, uint64_t value)
{
    if (!ghci_wrmsr(msr, value))
        fatal("the host refuses WRMSR %x: no timer, no interrupts", msr);
}

void irq_start(void)
{
    write_msr(X2APIC_MSR(APIC_SVR), SVR_ENABLED);
    write_msr(X2APIC_MSR(APIC_LVT_TIMER), APIC_TIMER_DEADLINE | TIMER_VECTOR);
}

void irq_arrived(uint8_t vector)
{
    if (vector == TIMER_VECTOR) {
        armed = UINT64_MAX;
        return;
    }
    bool wanted = users[vector] > 0;
    if (wanted && vector >= FIRST_VECTOR)
        l2_apic_request(vector);
    else
        dropped++;
}

uint64_t irq_dropped(void)
{
    return dropped;
}

void irq_arm_timer(uint64_t deadline)
{
    if (deadline == armed)
        return;
    write_msr(MSR_TSC_DEADLINE, deadline == UINT64_MAX ? 0 : deadline);
    armed = deadline;
}

void irq_msix_write(unsigned function, unsigned entry, unsigned offset, uint32_t value)
{
    if (function >= FUNCTIONS_MAX || entry >= ENTRIES_MAX || offset != MSIX_DATA)
        return;
    uint8_t *vector = &vectors[function][entry];
    if (*vector != 0)
        users[*vector]--;
    *vector = (uint8_t)value;
    if (*vector != 0)
        users[*vector]++;
}
