#include "loader/acpi.h"

#include "base/bytes.h"
#include "loader/acpi_tables.h"
#include "loader/dsdt.h"
#include "loader/low_memory.h"
#include "pci/pci.h"

#define LOCAL_APIC 0xfee00000U

enum {
    RSDP_REVISION = 2,
    RSDP_OLD_LENGTH = 20,
    FADT_REVISION = 6,
    FADT_MINOR = 3,
    MADT_REVISION = 5,
    CPU_ENTRY_LENGTH = 8
};

/* All tables, in the order of memory. */
struct area {
    _Alignas(16) struct acpi_rsdp rsdp;
    _Alignas(16) struct acpi_xsdt xsdt;
    _Alignas(16) struct acpi_fadt fadt;
    _Alignas(16) struct acpi_madt madt;
    _Alignas(16) struct acpi_mcfg mcfg;
    _Alignas(16) unsigned char dsdt[sizeof dsdt_aml_code];
};

_Static_assert(sizeof(struct area) <= LOW_ACPI_SIZE, "the tables fit");

#define ADDRESS_OF(at, table) ((at).v + offsetof(struct area, table))

/* What makes the bytes add up to zero. */
static uint8_t checksum(const void *table, size_t length)
{
    const unsigned char *bytes = table;
    unsigned sum = 0;
    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return (uint8_t)(0U - sum);
}

static struct acpi_header header(const char *signature, size_t length, uint8_t revision)
{
    struct acpi_header header = {
        .length = (uint32_t)length,
        .revision = revision,
        .oem_id = {'T', 'D', 'X', 'T', 'R', 'K'},
        .oem_table_id = {'S', 'V', 'S', 'M', ' ', ' ', ' ', ' '},
        .oem_revision = 1,
        .creator_id = {'T', 'T', 'R', 'K'},
        .creator_revision = 1,
    };
    bytes_copy(header.signature, signature, sizeof header.signature);
    return header;
}

static struct acpi_gas port(uint16_t number)
{
    return (struct acpi_gas){
        .space = ACPI_SPACE_IO, .bit_width = 8, .access_size = 1, .address = number};
}

static struct acpi_rsdp rsdp(struct gpa at)
{
    struct acpi_rsdp table = {
        .signature = {'R', 'S', 'D', ' ', 'P', 'T', 'R', ' '},
        .oem_id = {'T', 'D', 'X', 'T', 'R', 'K'},
        .revision = RSDP_REVISION,
        .length = sizeof table,
        .xsdt = ADDRESS_OF(at, xsdt),
    };
    table.checksum = checksum(&table, RSDP_OLD_LENGTH);
    table.extended_checksum = checksum(&table, sizeof table);
    return table;
}

static struct acpi_xsdt xsdt(struct gpa at)
{
    struct acpi_xsdt table = {
        .header = header("XSDT", sizeof table, 1),
        .entries = {ADDRESS_OF(at, fadt), ADDRESS_OF(at, madt), ADDRESS_OF(at, mcfg)},
    };
    table.header.checksum = checksum(&table, sizeof table);
    return table;
}

static struct acpi_fadt fadt(struct gpa at)
{
    struct acpi_fadt table = {
        .header = header("FACP", sizeof table, FADT_REVISION),
        .dsdt = (uint32_t)ADDRESS_OF(at, dsdt),
        .boot_arch = ACPI_BOOT_NO_VGA | ACPI_BOOT_NO_ASPM,
        .flags = ACPI_FADT_WBINVD | ACPI_FADT_PWR_BUTTON | ACPI_FADT_SLP_BUTTON |
                 ACPI_FADT_RESET_REG | ACPI_FADT_HW_REDUCED,
        .reset_register = port(ACPI_PORT_RESET),
        .reset_value = ACPI_RESET_VALUE,
        .minor_version = FADT_MINOR,
        .x_dsdt = ADDRESS_OF(at, dsdt),
        .sleep_control = port(ACPI_PORT_SLEEP_CONTROL),
        .sleep_status = port(ACPI_PORT_SLEEP_STATUS),
    };
    table.header.checksum = checksum(&table, sizeof table);
    return table;
}

/* One processor; an id below 255 has a local APIC entry in x2APIC mode, too (ACPI 6.3, 5.2.12.12).
 */
static struct acpi_madt madt(void)
{
    struct acpi_madt table = {
        .header = header("APIC", sizeof table, MADT_REVISION),
        .local_apic = LOCAL_APIC,
        .cpu = {.length = CPU_ENTRY_LENGTH, .flags = 1},
    };
    table.header.checksum = checksum(&table, sizeof table);
    return table;
}

static struct acpi_mcfg mcfg(void)
{
    struct acpi_mcfg table = {
        .header = header("MCFG", sizeof table, 1),
        .base = PCI_ECAM_BASE,
    };
    table.header.checksum = checksum(&table, sizeof table);
    return table;
}

void acpi_write(unsigned char *area, struct gpa at)
{
    struct area tables = {
        .rsdp = rsdp(at),
        .xsdt = xsdt(at),
        .fadt = fadt(at),
        .madt = madt(),
        .mcfg = mcfg(),
    };
    bytes_copy(tables.dsdt, dsdt_aml_code, sizeof dsdt_aml_code);
    bytes_copy(area, &tables, sizeof tables);
}
