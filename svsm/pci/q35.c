#include "pci/q35.h"

#include "arch/print.h"
#include "pci/pci.h"
#include "tdx/ghci.h"

#define HOST_BRIDGE PCI_FUNCTION(0, 0)
#define LPC         PCI_FUNCTION(0x1f, 0)

#define MCH_PCIEXBAR        0x60
#define MCH_PCIEXBAR_HIGH   0x64
#define MCH_PCIEXBAR_64_MIB 0x4U /* the smallest length */
#define MCH_PCIEXBAR_ENABLE 0x1U

#define LPC_PMBASE       0x40
#define LPC_PMBASE_IO    0x1U
#define LPC_ACPI_CNTL    0x44
#define LPC_ACPI_CNTL_EN 0x80U

#define PM_BASE      0x600U
#define PM1_CNT      (PM_BASE + 4U)
#define PM1_SLEEP_EN 0x2000U /* with SLP_TYP 0: QEMU's S5 */

void q35_setup(void)
{
    pci_config_write(HOST_BRIDGE, MCH_PCIEXBAR, 4, 0);
    pci_config_write(HOST_BRIDGE, MCH_PCIEXBAR_HIGH, 4, 0);
    pci_config_write(HOST_BRIDGE, MCH_PCIEXBAR, 4,
                     (uint32_t)PCI_ECAM_BASE | MCH_PCIEXBAR_64_MIB | MCH_PCIEXBAR_ENABLE);
    pci_config_write(LPC, LPC_PMBASE, 4, PM_BASE | LPC_PMBASE_IO);
    pci_config_write(LPC, LPC_ACPI_CNTL, 1, LPC_ACPI_CNTL_EN);
}

void pci_power_off(void)
{
    if (!ghci_io_write(PM1_CNT, 2, PM1_SLEEP_EN))
        print("svsm: the host refuses to power off\n");
}
