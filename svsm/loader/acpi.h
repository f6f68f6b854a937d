/*
 * The ACPI tables of L2: minimal, fixed, svsm's own; nothing in them comes from the host.
 *
 * Hardware-reduced ACPI (ACPI 6.3, 4.1): no legacy interrupt controller, timer or power management
 * block. L2 powers off and resets through the ports below, which svsm's I/O exit handler serves.
 */
#ifndef SVSM_LOADER_ACPI_H
#define SVSM_LOADER_ACPI_H

#include "base/addr.h"

/*
 * SLEEP_CONTROL (ACPI 6.3, 4.8.3.7): bit 5 written as one enters the state of the type in bits 4:2.
 * SLEEP_STATUS: bit 7, waking, reads as zero and is cleared by writing one: there is no sleep to
 * wake from. RESET: the value ACPI_RESET_VALUE resets. All of one byte.
 */
#define ACPI_PORT_SLEEP_CONTROL 0x6c0
#define ACPI_PORT_SLEEP_STATUS  0x6c1
#define ACPI_PORT_RESET         0x6c2
#define ACPI_SLEEP_ENABLE       0x20U
#define ACPI_SLEEP_TYPE(value)  ((value) >> 2 & 7U)
#define ACPI_SLEEP_TYPE_OFF     5U
#define ACPI_RESET_VALUE        0x01U

/* Writes all tables into the LOW_ACPI_SIZE bytes at `area`, which L2 sees at `at`: RSDP first. */
void acpi_write(unsigned char *area, struct gpa at);

#endif
