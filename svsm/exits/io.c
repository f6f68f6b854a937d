/*
 * I/O ports of L2: by instruction (exit 30) and by TDVMCALL alike.
 *
 * L2 reaches the PCI functions that are its own, the clock, the first serial port and svsm's ACPI
 * registers. It does not reach fw_cfg, svsm's debug port, or the host's power management.
 */
#include "abi/vmx.h"
#include "abi/x86.h"
#include "exits/config_space.h"
#include "exits/exits.h"
#include "loader/acpi.h"
#include "pci/pci.h"
#include "tdx/ghci.h"

struct port_range {
    uint16_t first, last;
};

/* Passed to the host's devices as they are. */
static const struct port_range passed[] = {
    {0x70, 0x71},   /* real-time clock */
    {0x3f8, 0x3ff}, /* first serial port */
    {PCI_IO_WINDOW, PCI_IO_WINDOW_END - 1},
};

static bool is_passed(uint16_t port, unsigned size)
{
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        if (port >= passed[i].first && port + size - 1 <= passed[i].last)
            return true;
    return false;
}

static uint32_t ones(unsigned size)
{
    return size == 4 ? UINT32_MAX : (1U << 8 * size) - 1;
}

/* Sleep is power-off, and so is reset: a TD cannot be started anew from inside. */
static bool ends_td(uint16_t port, uint32_t value)
{
    return (port == ACPI_PORT_SLEEP_CONTROL && (value & ACPI_SLEEP_ENABLE) != 0) ||
           (port == ACPI_PORT_RESET && value == ACPI_RESET_VALUE);
}

uint32_t port_read_of_l2(struct vcpu *vcpu, uint16_t port, unsigned size)
{
    uint32_t value = ones(size);

    (void)vcpu;
    if (config_space_port(port, size))
        return config_space_in(port, size);
    if (port == ACPI_PORT_SLEEP_STATUS)
        return 0;
    if (is_passed(port, size) && !ghci_io_read(port, size, &value))
        value = ones(size);
    return value & ones(size);
}

void port_write_of_l2(struct vcpu *vcpu, uint16_t port, unsigned size, uint32_t value)
{
    value &= ones(size);
    if (config_space_port(port, size))
        config_space_out(port, size, value);
    else if (ends_td(port, value))
        vcpu_power_off(vcpu);
    else if (is_passed(port, size) && !ghci_io_write(port, size, value))
        return; /* a write that the host refuses is lost, as on a bus without the device */
}

/* IN and OUT; the string forms, which no driver of a TDX guest uses, are refused. */
void exit_io(struct vcpu *vcpu)
{
    uint64_t how = vcpu->exit.qualification;
    uint16_t port = (uint16_t)(how >> IO_QUAL_PORT_SHIFT);
    unsigned size = (unsigned)(how & IO_QUAL_SIZE_MASK) + 1;
    uint64_t *rax = &vcpu->state->gpr[L2_RAX];

    if ((how & IO_QUAL_STRING) != 0 || (size != 1 && size != 2 && size != 4)) {
        vcpu_raise(vcpu, VECTOR_GP);
        return;
    }
    vcpu_skip(vcpu);
    if ((how & IO_QUAL_IN) == 0) {
        port_write_of_l2(vcpu, port, size, (uint32_t)*rax);
        return;
    }
    uint32_t value = port_read_of_l2(vcpu, port, size);
    *rax = size == 4 ? value : (*rax & ~(uint64_t)ones(size)) | value;
}
