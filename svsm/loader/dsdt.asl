/*
 * What L2's Linux is told of its machine: the PCI root with bus 0, and how to power off.
 *
 * The numbers are those of pci/pci.h, which assigns the BARs: PCI_WINDOW, PCI_IO_WINDOW, PCI_ECAM.
 */
DefinitionBlock ("", "DSDT", 2, "TDXTRK", "SVSM", 1)
{
    Name (_S5, Package () { 5, 0, 0, 0 }) // ACPI_SLEEP_TYPE_OFF in acpi.h

    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, 0)
            Name (_SEG, 0)
            Name (_BBN, 0)
            Name (_CRS, ResourceTemplate ()
            {
                WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode,
                    0, 0, 0, 0, 1)
                IO (Decode16, 0x0CF8, 0x0CF8, 1, 8)
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange,
                    0, 0xC000, 0xCFFF, 0, 0x1000)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable,
                    ReadWrite, 0, 0xC0000000, 0xFDFFFFFF, 0, 0x3E000000)
            })
        }

        Device (ECAM)
        {
            Name (_HID, EisaId ("PNP0C02"))
            Name (_UID, 0)
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0xB0000000, 0x00100000)
            })
        }
    }
}
