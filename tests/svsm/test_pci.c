/* PCI set-up on buses that are honest, odd and hostile. */
#include "pci/pci.h"
#include "suite.h"

#define NET PCI_FUNCTION(2U, 0U)

static struct fake_function *bridge, *lpc;

static void setup(void)
{
    fake_host_reset();
    bridge = fake_function(PCI_FUNCTION(0U, 0U), 0x8086, 0x29c0);
    memset(bridge->writable + 0x60, 0xff, 8);
    lpc = fake_function(PCI_FUNCTION(0x1fU, 0U), 0x8086, 0x2918);
    memset(lpc->writable + 0x40, 0xff, 8);
}

/* virtio-net-pci as QEMU shows it: a 4 KiB BAR for MSI-X, 16 KiB of 64 bits for the rest. */
static struct fake_function *net(unsigned number)
{
    struct fake_function *function = fake_function(number, 0x1af4, 0x1041);
    fake_bar(function, 1, 0x1000, 0);
    fake_bar(function, 4, 0x4000, 0xc);
    fake_msix(function, 0x84, 4, 1, 0);
    return function;
}

static const struct pci_function *found(unsigned number)
{
    size_t count;
    const struct pci_function *functions = pci_functions(&count);
    for (size_t i = 0; i < count; i++)
        if (functions[i].number == number)
            return &functions[i];
    return NULL;
}

START_TEST(chipset)
{
    pci_setup();
    ck_assert_uint_eq(fake_config(bridge, 0x60), 0xb0000005);
    ck_assert_uint_eq(fake_config(bridge, 0x64), 0);
    ck_assert_uint_eq(fake_config(lpc, 0x40), 0x601);
    ck_assert_uint_eq(fake_config(lpc, 0x44) & 0xff, 0x80);
    pci_power_off();
    ck_assert_uint_eq(fake_host.last_out.port, 0x604);
    ck_assert_uint_eq(fake_host.last_out.value, 0x2000);
}
END_TEST

START_TEST(bars_are_placed_and_enabled)
{
    struct fake_function *device = net(NET);
    pci_setup();
    const struct pci_function *function = found(NET);
    ck_assert_ptr_nonnull(function);
    ck_assert_uint_eq(function->vendor, 0x1af4);
    ck_assert_uint_eq(function->device, 0x1041);
    ck_assert_uint_eq(function->bars[1].at.v, PCI_WINDOW);
    ck_assert_uint_eq(function->bars[1].size, 0x1000);
    ck_assert_uint_eq(function->bars[4].at.v, PCI_WINDOW + 0x4000);
    ck_assert_uint_eq(function->bars[4].size, 0x4000);
    ck_assert_uint_eq(function->bars[0].size, 0);
    ck_assert_uint_eq(function->bars[5].size, 0);
    ck_assert_uint_eq(fake_config(device, 0x14), PCI_WINDOW);
    ck_assert_uint_eq(fake_config(device, 0x20), (PCI_WINDOW + 0x4000) | 0xc);
    ck_assert_uint_eq(fake_config(device, 0x24), 0);
    ck_assert_uint_eq(fake_config(device, 4) & 7, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    ck_assert_uint_eq(fake_config(bridge, 4) & 7, 0);
    ck_assert_str_eq(fake_host.printed, "");
}
END_TEST

START_TEST(io_bars)
{
    struct fake_function *device = fake_function(NET, 0x8086, 0x2922);
    fake_bar(device, 4, 32, 1);
    fake_config_set(device, 0x20, 1);
    device->writable[0x22] = device->writable[0x23] = 0; /* upper half hard-wired to zero */
    pci_setup();
    ck_assert_uint_eq(found(NET)->bars[4].at.v, PCI_IO_WINDOW);
    ck_assert_uint_eq(found(NET)->bars[4].size, 32);
    ck_assert(found(NET)->bars[4].io);
    ck_assert_uint_eq(fake_config(device, 4) & 7, PCI_COMMAND_IO | PCI_COMMAND_MASTER);
}
END_TEST

START_TEST(bars_do_not_overlap_and_lie_naturally)
{
    for (unsigned i = 0; i < 20; i++) {
        struct fake_function *device = fake_function(PCI_FUNCTION(1U + i, 0U), 1, 1);
        fake_bar(device, 0, 16ULL << (i * 7 % 20), 0);
        fake_bar(device, 2, 16ULL << (i * 5 % 22), 4);
    }
    pci_setup();
    uint64_t end = PCI_WINDOW;
    size_t count;
    const struct pci_function *functions = pci_functions(&count);
    ck_assert_uint_eq(count, 22);
    for (size_t i = 0; i < count; i++)
        for (unsigned bar = 0; bar < PCI_BARS; bar++) {
            const struct pci_bar *b = &functions[i].bars[bar];
            if (b->size == 0)
                continue;
            ck_assert_uint_ge(b->at.v, end);
            ck_assert_uint_eq(b->at.v % b->size, 0);
            ck_assert_uint_eq(b->at.v % 4096, 0);
            end = b->at.v + b->size;
        }
    ck_assert_uint_gt(end, PCI_WINDOW);
    ck_assert_uint_le(end, PCI_WINDOW_END);
}
END_TEST

/* Sizes that do not fit the window, that are no powers of two, that need a seventh register. */
START_TEST(bars_that_make_no_sense_stay_out)
{
    struct fake_function *large = fake_function(NET, 1, 1);
    fake_bar(large, 0, 0x40000000, 0);
    struct fake_function *holes = fake_function(NET + 8, 1, 1);
    fake_bar(holes, 0, 0x1000, 0);
    holes->writable[0x12] = 0x5f;
    struct fake_function *seventh = fake_function(NET + 16, 1, 1);
    fake_bar(seventh, 5, 0x1000, 0);
    fake_config_set(seventh, 0x24, 4);
    struct fake_function *huge = fake_function(NET + 24, 1, 1);
    fake_bar(huge, 0, 1ULL << 40, 4);
    pci_setup();
    for (unsigned number = NET; number <= NET + 24; number += 8)
        for (unsigned bar = 0; bar < PCI_BARS; bar++)
            ck_assert_uint_eq(found(number)->bars[bar].size, 0);
    ck_assert_uint_eq(fake_config(large, 4) & 7, 0);
    ck_assert_uint_eq(fake_config(huge, 4) & 7, 0);
    ck_assert_ptr_nonnull(strstr(fake_host.printed, "BAR 0 of 0x40000000 bytes is left out"));
}
END_TEST

START_TEST(functions_of_a_device)
{
    net(NET);
    net(NET + 3);
    fake_function(NET + 9, 1, 1); /* its device has no function 0 */
    pci_setup();
    ck_assert_ptr_nonnull(found(NET));
    ck_assert_ptr_nonnull(found(NET + 3));
    ck_assert_ptr_null(found(NET + 9));
    ck_assert(!pci_hidden(NET + 3));
    ck_assert(pci_hidden(NET + 1));
    ck_assert(pci_hidden(NET + 9));
}
END_TEST

START_TEST(a_bridge_keeps_its_registers)
{
    struct fake_function *device = fake_function(NET, 0x1b36, 0x000c);
    device->config[0x0e] = 1;
    memset(device->writable + 0x10, 0xff, 0x20);
    fake_config_set(device, 0x18, 0x00020100);
    pci_setup();
    ck_assert_uint_eq(fake_config(device, 0x18), 0x00020100);
    ck_assert_uint_eq(found(NET)->bars[2].size, 0);
}
END_TEST

START_TEST(more_functions_than_room)
{
    for (unsigned i = 8; i < 8 + PCI_FUNCTIONS_MAX; i++)
        fake_function(i, 1, 1);
    pci_setup();
    size_t count;
    pci_functions(&count);
    ck_assert_uint_eq(count, PCI_FUNCTIONS_MAX);
    ck_assert_ptr_nonnull(strstr(fake_host.printed, "beyond the first 64"));
    ck_assert(pci_hidden(8 + PCI_FUNCTIONS_MAX - 1));
}
END_TEST

START_TEST(own_function_is_hidden)
{
    net(PCI_OWN_FUNCTION);
    pci_setup();
    ck_assert(pci_hidden(PCI_OWN_FUNCTION));
    ck_assert_ptr_nonnull(pci_own_function());
    ck_assert_uint_eq(pci_own_function()->bars[1].at.v, PCI_OWN_WINDOW);
    unsigned function, entry, offset;
    ck_assert(!pci_msix_entry(gpa(PCI_OWN_WINDOW), 4, &function, &entry, &offset));
}
END_TEST

START_TEST(without_an_own_function)
{
    pci_setup();
    ck_assert_ptr_null(pci_own_function());
}
END_TEST

START_TEST(msix_entries)
{
    unsigned function = 99, entry = 99, offset = 99;
    net(NET);
    pci_setup();
    ck_assert_uint_eq(found(NET)->msix.entries, 4);
    ck_assert_uint_eq(found(NET)->msix.capability, 0x84);
    ck_assert(!pci_msix_entry(gpa(PCI_WINDOW + 64), 4, &function, &entry, &offset));
    ck_assert(!pci_msix_entry(gpa(PCI_WINDOW - 1), 1, &function, &entry, &offset));
    ck_assert(!pci_msix_entry(gpa(PCI_WINDOW + 12), 8, &function, &entry, &offset));
    ck_assert_uint_eq(function + entry + offset, 297);
    ck_assert(pci_msix_entry(gpa(PCI_WINDOW + 63), 1, &function, &entry, &offset));
    ck_assert_uint_eq(entry, 3);
    ck_assert_uint_eq(offset, 15);
    ck_assert(pci_msix_entry(gpa(PCI_WINDOW + 24), 8, &function, &entry, &offset));
    ck_assert_uint_eq(function, NET);
    ck_assert_uint_eq(entry, 1);
    ck_assert_uint_eq(offset, 8);
}
END_TEST

START_TEST(a_table_moves_with_its_bar)
{
    unsigned function, entry, offset;
    struct fake_function *device = fake_function(NET, 1, 1);
    fake_bar(device, 2, 0x2000, 4);
    fake_msix(device, 0x84, 4, 2, 0x1000);
    pci_setup();
    ck_assert(pci_msix_entry(gpa(PCI_WINDOW + 0x1000), 4, &function, &entry, &offset));
    pci_config_write(NET, 0x18, 4, 0xd0000004);
    pci_config_written(NET, 0x18);
    ck_assert(!pci_msix_entry(gpa(PCI_WINDOW + 0x1000), 4, &function, &entry, &offset));
    ck_assert(pci_msix_entry(gpa(0xd0001010), 4, &function, &entry, &offset));
    ck_assert_uint_eq(entry, 1);
    pci_config_write(NET, 0x1c, 4, 1);
    pci_config_written(NET, 0x1e);
    ck_assert(!pci_msix_entry(gpa(0xd0001010), 4, &function, &entry, &offset));
    ck_assert(pci_msix_entry(gpa(0x1d0001010), 4, &function, &entry, &offset));
    pci_config_written(NET, 0x28);
    pci_config_written(NET + 1, 0x18);
    pci_config_written(NET, 0x10);
}
END_TEST

static const struct {
    unsigned entries, bar;
    uint32_t offset;
} tables[] = {
    {257, 1, 0}, {256, 1, 8}, {1, 1, 0x1000},        {1, 0, 0},
    {1, 7, 0},   {1, 6, 0},   {2048, 1, 0xfffffff8},
};

START_TEST(msix_tables_outside_a_bar)
{
    struct fake_function *device = fake_function(NET, 1, 1);
    fake_bar(device, 1, 0x1000, 0);
    fake_msix(device, 0x84, tables[_i].entries, tables[_i].bar, tables[_i].offset);
    pci_setup();
    ck_assert_uint_eq(found(NET)->msix.entries, 0);
    ck_assert_ptr_nonnull(strstr(fake_host.printed, "MSI-X table is left out"));
}
END_TEST

START_TEST(a_capability_list_without_end)
{
    struct fake_function *device = fake_function(NET, 1, 1);
    device->config[6] = 0x10;
    device->config[0x34] = 0x40;
    fake_config_set(device, 0x40, 0x5005);
    fake_config_set(device, 0x50, 0x4005);
    ck_assert_uint_eq(pci_capability(NET, 0x11, 0), 0);
    ck_assert_uint_le(fake_host.config_accesses, 2 + 2 * 48);
    fake_config_set(device, 0x50, 0x0c05);
    ck_assert_uint_eq(pci_capability(NET, 0x11, 0), 0);
    fake_config_set(device, 0x50, 0x0011);
    ck_assert_uint_eq(pci_capability(NET, 0x11, 0), 0x50);
    ck_assert_uint_eq(pci_capability(NET, 0x05, 0x40), 0);
}
END_TEST

START_TEST(a_host_that_refuses_ports)
{
    fake_host.refuses_io = true;
    pci_setup();
    size_t count = 1;
    pci_functions(&count);
    ck_assert_uint_eq(count, 0);
    pci_power_off();
    ck_assert_ptr_nonnull(strstr(fake_host.printed, "refuses to power off"));
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, chipset);
    tcase_add_test(tests, bars_are_placed_and_enabled);
    tcase_add_test(tests, io_bars);
    tcase_add_test(tests, bars_do_not_overlap_and_lie_naturally);
    tcase_add_test(tests, bars_that_make_no_sense_stay_out);
    tcase_add_test(tests, functions_of_a_device);
    tcase_add_test(tests, a_bridge_keeps_its_registers);
    tcase_add_test(tests, more_functions_than_room);
    tcase_add_test(tests, own_function_is_hidden);
    tcase_add_test(tests, without_an_own_function);
    tcase_add_test(tests, msix_entries);
    tcase_add_test(tests, a_table_moves_with_its_bar);
    tcase_add_loop_test(tests, msix_tables_outside_a_bar, 0, sizeof tables / sizeof tables[0]);
    tcase_add_test(tests, a_capability_list_without_end);
    tcase_add_test(tests, a_host_that_refuses_ports);
}

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-pci");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, fake_host_reset);
    add_tests(tests);
    suite_add_tcase(suite, tests);
    return suite;
}
