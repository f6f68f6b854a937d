/* The ACPI tables as an operating system walks them, from the RSDP, with offsets of its own. */
#include "base/bytes.h"
#include "loader/acpi.h"
#include "loader/low_memory.h"
#include "pci/pci.h"
#include "suite.h"

#define AT 0xe0000U

static unsigned char area[LOW_ACPI_SIZE];

static void setup(void)
{
    memset(area, 0xa5, sizeof area);
    acpi_write(area, gpa(AT));
}

static unsigned sum(const unsigned char *bytes, size_t length)
{
    unsigned total = 0;
    for (size_t i = 0; i < length; i++)
        total += bytes[i];
    return total & 0xff;
}

/* The table at a guest address: inside the area, as long as it says, its sum zero. */
static const unsigned char *table(uint64_t at, const char *signature, size_t length)
{
    ck_assert_uint_ge(at, AT);
    ck_assert_uint_le(at + 36, AT + sizeof area);
    const unsigned char *bytes = area + (at - AT);
    ck_assert_msg(memcmp(bytes, signature, 4) == 0, "no %s at 0x%llx", signature,
                  (unsigned long long)at);
    uint32_t told = load_le32(bytes + 4);
    ck_assert(length == 0 || told == length);
    ck_assert_uint_le(at + told, AT + sizeof area);
    ck_assert_msg(sum(bytes, told) == 0, "checksum of %s", signature);
    return bytes;
}

static uint64_t xsdt_entry(unsigned index)
{
    return load_le64(table(load_le64(area + 24), "XSDT", 60) + 36 + 8 * (size_t)index);
}

START_TEST(root)
{
    ck_assert_mem_eq(area, "RSD PTR ", 8);
    ck_assert_uint_eq(sum(area, 20), 0);
    ck_assert_uint_eq(sum(area, 36), 0);
    ck_assert_uint_eq(area[15], 2);
    ck_assert_uint_eq(load_le32(area + 20), 36);
}
END_TEST

START_TEST(fadt)
{
    const unsigned char *bytes = table(xsdt_entry(0), "FACP", 276);
    uint32_t flags = load_le32(bytes + 112);
    ck_assert_uint_eq(bytes[8], 6);
    ck_assert_uint_ne(flags & 1U << 20, 0); /* hardware-reduced */
    ck_assert_uint_ne(flags & 1U << 10, 0); /* reset register */
    const struct {
        unsigned offset;
        uint16_t port;
    } registers[] = {
        {116, ACPI_PORT_RESET}, {244, ACPI_PORT_SLEEP_CONTROL}, {256, ACPI_PORT_SLEEP_STATUS}};
    for (unsigned i = 0; i < 3; i++) {
        ck_assert_mem_eq(bytes + registers[i].offset, "\x01\x08\x00\x01", 4);
        ck_assert_uint_eq(load_le64(bytes + registers[i].offset + 4), registers[i].port);
    }
    ck_assert_uint_eq(bytes[128], ACPI_RESET_VALUE);
    ck_assert_uint_eq(load_le64(bytes + 140), load_le32(bytes + 40));
    for (unsigned i = 44; i < 109; i++)
        ck_assert_uint_eq(bytes[i], 0);
}
END_TEST

START_TEST(madt)
{
    const unsigned char *bytes = table(xsdt_entry(1), "APIC", 52);
    ck_assert_uint_eq(load_le32(bytes + 36), 0xfee00000);
    ck_assert_mem_eq(bytes + 44, "\x00\x08\x00\x00\x01\x00\x00\x00", 8);
}
END_TEST

START_TEST(mcfg)
{
    const unsigned char *bytes = table(xsdt_entry(2), "MCFG", 60);
    ck_assert_uint_eq(load_le64(bytes + 44), PCI_ECAM_BASE);
    ck_assert_uint_eq(load_le32(bytes + 52), 0); /* segment 0, buses 0 to 0 */
}
END_TEST

static const unsigned char *find(const unsigned char *bytes, size_t length, const void *what,
                                 size_t size)
{
    const unsigned char *found = memmem(bytes, length, what, size);
    ck_assert_ptr_nonnull(found);
    return found;
}

/* Resource descriptors by their tags (ACPI 6.3, 6.4): the windows are those that pci/ fills. */
START_TEST(dsdt)
{
    uint64_t at = load_le64(table(xsdt_entry(0), "FACP", 276) + 140);
    const unsigned char *bytes = table(at, "DSDT", 0);
    size_t length = load_le32(bytes + 4);
    find(bytes, length, "_S5_\x12", 5);
    find(bytes, length, "\x0c\x41\xd0\x0a\x08", 5); /* EISAID PNP0A08 */
    const unsigned char *memory = find(bytes, length, "\x87\x17\x00\x00", 4);
    ck_assert_uint_eq(load_le32(memory + 10), PCI_WINDOW);
    ck_assert_uint_eq(load_le32(memory + 14), PCI_WINDOW_END - 1);
    ck_assert_uint_eq(load_le32(memory + 22), PCI_WINDOW_END - PCI_WINDOW);
    const unsigned char *io = find(bytes, length, "\x88\x0d\x00\x01", 4);
    ck_assert_uint_eq(load_le16(io + 8), PCI_IO_WINDOW);
    ck_assert_uint_eq(load_le16(io + 10), PCI_IO_WINDOW_END - 1);
    const unsigned char *ecam = find(bytes, length, "\x86\x09\x00", 3);
    ck_assert_uint_eq(load_le32(ecam + 4), PCI_ECAM_BASE);
    ck_assert_uint_eq(load_le32(ecam + 8), PCI_ECAM_SIZE);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-acpi");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, root);
    tcase_add_test(tests, fadt);
    tcase_add_test(tests, madt);
    tcase_add_test(tests, mcfg);
    tcase_add_test(tests, dsdt);
    suite_add_tcase(suite, tests);
    return suite;
}
