/*
 * ACPI tables as they lie in memory.
 *
 * Source: ACPI Specification 6.3, sections 5.2.3 to 5.2.12; PCI Firmware Specification 3.0, 4.1.2.
 */
#ifndef SVSM_LOADER_ACPI_TABLES_H
#define SVSM_LOADER_ACPI_TABLES_H

#include <stddef.h>
#include <stdint.h>

#define ACPI_PACKED __attribute__((packed))

struct acpi_rsdp {
    char signature[8];
    uint8_t checksum; /* of the first 20 bytes */
    char oem_id[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum;
    uint8_t reserved[3];
} ACPI_PACKED;

struct acpi_header {
    char signature[4];
    uint32_t length; /* of the whole table */
    uint8_t revision;
    uint8_t checksum; /* makes the sum of all bytes zero */
    char oem_id[6];
    char oem_table_id[8];
    uint32_t oem_revision;
    char creator_id[4];
    uint32_t creator_revision;
} ACPI_PACKED;

enum {
    ACPI_XSDT_ENTRIES = 3,
    ACPI_SPACE_IO = 1
};

struct acpi_xsdt {
    struct acpi_header header;
    uint64_t entries[ACPI_XSDT_ENTRIES];
} ACPI_PACKED;

struct acpi_gas {
    uint8_t space;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t access_size;
    uint64_t address;
} ACPI_PACKED;

#define ACPI_FADT_WBINVD     (1U << 0)
#define ACPI_FADT_PWR_BUTTON (1U << 4) /* no fixed-feature button */
#define ACPI_FADT_SLP_BUTTON (1U << 5)
#define ACPI_FADT_RESET_REG  (1U << 10)
#define ACPI_FADT_HW_REDUCED (1U << 20)
#define ACPI_BOOT_NO_VGA     (1U << 2)
#define ACPI_BOOT_NO_ASPM    (1U << 4)

struct acpi_fadt {
    struct acpi_header header;
    uint32_t firmware_ctrl;
    uint32_t dsdt;
    uint8_t legacy[65]; /* no meaning in hardware-reduced ACPI: zero */
    uint16_t boot_arch;
    uint8_t reserved;
    uint32_t flags;
    struct acpi_gas reset_register;
    uint8_t reset_value;
    uint16_t arm_boot_arch;
    uint8_t minor_version;
    uint64_t x_firmware_ctrl;
    uint64_t x_dsdt;
    struct acpi_gas x_legacy[8]; /* zero as well */
    struct acpi_gas sleep_control;
    struct acpi_gas sleep_status;
    uint64_t hypervisor;
} ACPI_PACKED;

struct acpi_madt {
    struct acpi_header header;
    uint32_t local_apic;
    uint32_t flags;
    struct {
        uint8_t type; /* 0: local APIC */
        uint8_t length;
        uint8_t processor;
        uint8_t apic_id;
        uint32_t flags; /* 1: enabled */
    } ACPI_PACKED cpu;
} ACPI_PACKED;

struct acpi_mcfg {
    struct acpi_header header;
    uint64_t reserved;
    uint64_t base;
    uint16_t segment;
    uint8_t first_bus;
    uint8_t last_bus;
    uint32_t reserved_too;
} ACPI_PACKED;

_Static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 6.3, table 5-27");
_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 6.3, table 5-28");
_Static_assert(sizeof(struct acpi_fadt) == 276, "ACPI 6.3, table 5-33");
_Static_assert(offsetof(struct acpi_fadt, boot_arch) == 109, "ACPI 6.3, table 5-33");
_Static_assert(offsetof(struct acpi_fadt, reset_register) == 116, "ACPI 6.3, table 5-33");
_Static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "ACPI 6.3, table 5-33");
_Static_assert(offsetof(struct acpi_fadt, sleep_control) == 244, "ACPI 6.3, table 5-33");
_Static_assert(sizeof(struct acpi_madt) == 52, "ACPI 6.3, tables 5-43 and 5-46");
_Static_assert(sizeof(struct acpi_mcfg) == 60, "PCI Firmware 3.0, table 4-2");

#endif
