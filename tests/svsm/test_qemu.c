/* The loader, the PCI set-up and svsm's own console against QEMU's devices, as no firmware left
 * them. */
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "console/channel.h"
#include "kernel_image.h"
#include "loader/boot_params.h"
#include "loader/load.h"
#include "loader/low_memory.h"
#include "loader/memory_map.h"
#include "mem/memory.h"
#include "pci/pci.h"
#include "qemu_host.h"
#include "suite.h"
#include "tdx/ghci.h"

static const char net_device[] =
    "virtio-net-pci,netdev=net,disable-legacy=on,iommu_platform=on,romfile=,addr=2";
static const char serial_device[] =
    "virtio-serial-pci,id=own,addr=1e.0,max_ports=1,disable-legacy=on,iommu_platform=on,"
    "ioeventfd=off";

static struct evidence evidence;
static struct kernel_image image;
static char kernel_file[64], initrd_file[64], output_file[64], chardev[128];
static unsigned char initrd[300000];

static void write_file(char path[64], const char *name, const void *head, size_t head_size,
                       const void *tail, size_t tail_size)
{
    snprintf(path, 64, "/tmp/tdx-tracker-%s-%d", name, (int)getpid());
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(head, 1, head_size, file), head_size);
    ck_assert_uint_eq(fwrite(tail, 1, tail_size, file), tail_size);
    fclose(file);
}

static void setup(void)
{
    kernel_image_make(&image);
    for (size_t i = 0; i < sizeof initrd; i++)
        initrd[i] = (unsigned char)(i * 31 + i / 257);
    write_file(kernel_file, "kernel", image.setup, KERNEL_SETUP, image.kernel, KERNEL_SIZE);
    write_file(initrd_file, "initrd", initrd, sizeof initrd, "", 0);
    write_file(output_file, "output", "", 0, "", 0);
    snprintf(chardev, sizeof chardev, "file,id=own,path=%s", output_file);
    qemu_start((const char *const[]){"-kernel", kernel_file, "-initrd", initrd_file, "-append",
                                     "console=hvc0 quiet", "-netdev", "user,id=net", "-device",
                                     net_device, "-chardev", chardev, "-device", serial_device,
                                     "-device", "virtconsole,bus=own.0,chardev=own", NULL});
}

static void teardown(void)
{
    qemu_stop();
    unlink(kernel_file);
    unlink(initrd_file);
    unlink(output_file);
}

START_TEST(memory_map)
{
    struct guestmem_range ranges[4];
    size_t count;
    ck_status(loader_memory_map(ranges, 4, &count, &evidence), STATUS_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(ranges[0].start.v, 0);
    ck_assert_uint_eq(ranges[0].size, QEMU_MEMORY);
}
END_TEST

START_TEST(kernel_initrd_and_command_line)
{
    struct loader_entry entry;
    loader_load(&entry);
    ck_assert_uint_eq(entry.rip, 0x1000200);
    ck_assert_mem_eq(memory_l2(gpa(0x1000000), KERNEL_SIZE), image.kernel, KERNEL_SIZE);
    const unsigned char *page = memory_l2(gpa(entry.rsi), X86_PAGE_SIZE);
    uint32_t at = load_le32(page + BP_RAMDISK_IMAGE);
    ck_assert_uint_eq(load_le32(page + BP_RAMDISK_SIZE), sizeof initrd);
    ck_assert_mem_eq(memory_l2(gpa(at), sizeof initrd), initrd, sizeof initrd);
    ck_assert_str_eq(memory_l2(gpa(LOW_CMDLINE), X86_PAGE_SIZE), "console=hvc0 quiet");
    ck_assert_uint_eq(load_le64(page + BP_SETUP_DATA), 0);
}
END_TEST

/* The network device answers through the configuration window, and where its BAR was put. */
START_TEST(configuration_window_and_bars)
{
    uint64_t value = 0;
    size_t count;
    pci_setup();
    const struct pci_function *functions = pci_functions(&count);
    const struct pci_function *net = NULL;
    for (size_t i = 0; i < count; i++)
        if (functions[i].number == PCI_FUNCTION(2U, 0U))
            net = &functions[i];
    ck_assert_ptr_nonnull(net);
    ck_assert_uint_eq(net->device, 0x1041);
    ck_assert(ghci_mmio_read(gpa(PCI_ECAM_BASE + (net->number << 12)), 4, &value));
    ck_assert_uint_eq(value, 0x10411af4);
    ck_assert_uint_eq(net->bars[4].size, 0x4000);
    ck_assert(ghci_mmio_read(gpa_add(net->bars[4].at, 0x12), 2, &value)); /* num_queues */
    ck_assert_uint_eq(value, 3);
    ck_assert_uint_eq(net->msix.entries, 4);
    unsigned function, entry, offset;
    struct gpa table = gpa_add(net->bars[net->msix.bar].at, net->msix.offset);
    ck_assert(ghci_mmio_write(gpa_add(table, 16), 4, 0xfee00000));
    ck_assert(ghci_mmio_read(gpa_add(table, 16), 4, &value));
    ck_assert_uint_eq(value, 0xfee00000);
    ck_assert(pci_msix_entry(gpa_add(table, 16), 4, &function, &entry, &offset));
    ck_assert_uint_eq(entry, 1);
}
END_TEST

START_TEST(console)
{
    static char got[40000], sent[40000];
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)('a' + i * 5 % 26 + i / 4000);
    pci_setup();
    ck_assert(channel_init());
    channel_write(sent, sizeof sent);
    channel_finish();
    ck_assert_uint_eq(channel_lost(), 0);
    FILE *file = fopen(output_file, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(got, 1, sizeof got, file), sizeof sent);
    fclose(file);
    ck_assert_mem_eq(got, sent, sizeof sent);
}
END_TEST

/* QEMU answers the write, then ends. */
START_TEST(power_off)
{
    pci_setup();
    pci_power_off();
    ck_assert(qemu_ended());
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-qemu");
    TCase *tests = tcase_create("all");

    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, memory_map);
    tcase_add_test(tests, kernel_initrd_and_command_line);
    tcase_add_test(tests, configuration_window_and_bars);
    tcase_add_test(tests, console);
    tcase_add_test(tests, power_off);
    suite_add_tcase(suite, tests);
    return suite;
}
