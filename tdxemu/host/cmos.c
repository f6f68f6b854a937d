#include "host/cmos.h"

#include "base/bytes.h"
#include "boot/cpu.h"

#define KIB 10
#define MIB 20

static unsigned char registers[128];
static bool overridden[128];
static uint8_t chosen;

static void set(uint8_t first, unsigned length, uint64_t value)
{
    for (unsigned i = 0; i < length; i++) {
        registers[first + i] = (unsigned char)(value >> (8 * i));
        overridden[first + i] = true;
    }
}

/* Bytes beyond `from`, in units of 2^shift, as far as 16 bits tell them. */
static uint64_t beyond(uint64_t bytes, uint64_t from, unsigned shift)
{
    uint64_t units = bytes > from ? (bytes - from) >> shift : 0;
    return units < UINT16_MAX ? units : UINT16_MAX;
}

void cmos_start(const struct machine *machine)
{
    uint64_t extended = beyond(machine->low, 1U << MIB, KIB);

    bytes_zero(overridden, sizeof overridden);
    set(0x15, 2, 640);
    set(0x17, 2, extended);
    set(0x30, 2, extended);
    set(0x34, 2, beyond(machine->low, 16U << MIB, KIB + 6));
    set(0x5b, 3, machine->high >> (KIB + 6));
    chosen = 0;
}

/* Bytes only: a wider access, which no driver makes, meets nothing. */
static void wide(unsigned size, bool write, uint32_t *value)
{
    if (!write)
        *value = UINT32_MAX >> (32 - 8 * size);
}

void cmos_port(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    bool ours = port == CMOS_PORT_DATA && overridden[chosen];

    if (size != 1) {
        wide(size, write, value);
        return;
    }
    if (write && port == CMOS_PORT_INDEX)
        chosen = *value & 0x7f;
    if (write && !ours)
        io_out(port, 1, *value);
    else if (!write)
        *value = ours ? registers[chosen] : io_in(port, 1);
}
