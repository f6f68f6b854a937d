/* host/io.h: ports and device memory; CMOS, and the ends of a run. */
#include "host/io.h"

#include "host/fw_cfg.h"
#include "suite.h"

#define MIB(n)   ((uint64_t)(n) << 20)
#define FOUR_GIB MIB(4096)
#define SHARED   (1ULL << 47)

static const struct machine machine = {.td_memory = MIB(4096),
                                       .low = MIB(2016),
                                       .high = MIB(2080),
                                       .hpa_pool = FOUR_GIB + MIB(2080),
                                       .hpa_pool_end = MIB(10496)};

static void setup(void)
{
    fake_reset();
    fw_cfg_open();
    host_io_start(&machine);
}

static void out(uint16_t port, unsigned size, uint32_t value)
{
    ck_assert(host_io(port, size, true, &value));
}

static uint32_t in(uint16_t port, unsigned size)
{
    uint32_t value = 0xa5a5a5a5;
    ck_assert(host_io(port, size, false, &value));
    return value;
}

START_TEST(sizes_other_than_1_2_4_are_refused)
{
    static const unsigned sizes[] = {0, 3, 5, 8, 16, ~0U};
    uint32_t value = 0xa5;
    ck_assert(!host_io(0x402, sizes[_i], true, &value));
    ck_assert(!host_io(0x510, sizes[_i], false, &value));
    ck_assert_uint_eq(value, 0xa5);
    ck_assert_uint_eq(fake_last_write().count, 0);
}
END_TEST

START_TEST(other_ports_are_the_machine_s)
{
    out(0x402, 1, 'x');
    ck_assert_uint_eq(fake_last_write().port, 0x402);
    ck_assert_uint_eq(fake_last_write().value, 'x');
    ck_assert_uint_eq(in(0x3f8, 2), 0xffff);
    out(0xcf8, 4, 0x80001234);
    ck_assert_uint_eq(in(0xcf8, 4), 0x80001234);
    ck_assert_str_eq(fake_log(), "");
}
END_TEST

static const uint16_t own_ports[] = {0xe9, 0xf4, 0xf5, 0xf7};

START_TEST(tdxemu_s_own_ports_are_not_there)
{
    out(own_ports[_i], 1, 1);
    out(own_ports[_i], 4, 1);
    ck_assert_uint_eq(fake_last_write().count, 0);
    ck_assert_uint_eq(in(own_ports[_i], 1), 0xff);
    ck_assert_uint_eq(in(own_ports[_i], 2), 0xffff);
    ck_assert_uint_eq(in(own_ports[_i], 4), 0xffffffff);
}
END_TEST

static uint32_t cmos(uint8_t index)
{
    out(0x70, 1, index);
    return in(0x71, 1);
}

static uint32_t cmos_word(uint8_t index)
{
    return cmos(index) | cmos(index + 1) << 8;
}

START_TEST(cmos_tells_the_td_s_memory)
{
    memset(fake_cmos(), 0xee, 128);
    ck_assert_uint_eq(cmos_word(0x15), 640);
    ck_assert_uint_eq(cmos_word(0x17), 0xffff);
    ck_assert_uint_eq(cmos_word(0x30), 0xffff);
    ck_assert_uint_eq(cmos_word(0x34), 32000U);
    ck_assert_uint_eq(cmos_word(0x5b) | cmos(0x5d) << 16, 33280U);
    ck_assert_uint_eq(cmos(0x34 | 0x80), 32000U & 0xff);
}
END_TEST

START_TEST(cmos_of_a_small_td)
{
    static const struct machine small = {.td_memory = MIB(64), .low = MIB(64)};
    host_io_start(&small);
    ck_assert_uint_eq(cmos_word(0x17), 64512U);
    ck_assert_uint_eq(cmos_word(0x30), 64512U);
    ck_assert_uint_eq(cmos_word(0x34), 768U);
    ck_assert_uint_eq(cmos_word(0x5b) | cmos(0x5d) << 16, 0);
}
END_TEST

START_TEST(the_rest_of_cmos_is_the_machine_s)
{
    fake_cmos()[0x0a] = 0x26;
    ck_assert_uint_eq(cmos(0x0a), 0x26);
    out(0x71, 1, 0x2a);
    ck_assert_uint_eq(fake_cmos()[0x0a], 0x2a);
    for (unsigned i = 0; i < 128; i++)
        fake_cmos()[i] = (unsigned char)~i;
    unsigned changed = 0;
    for (uint8_t i = 0; i < 128; i++)
        changed += cmos(i) != (uint8_t)~i;
    ck_assert_uint_eq(changed, 11);
}
END_TEST

START_TEST(memory_registers_cannot_be_written_nor_seen_by_wide_accesses)
{
    fake_cmos()[0x34] = 0xee;
    cmos(0x34);
    out(0x71, 1, 0x11);
    out(0x71, 2, 0x11);
    ck_assert_uint_eq(fake_cmos()[0x34], 0xee);
    ck_assert_uint_eq(in(0x71, 2), 0xffff);
    cmos(0x0a);
    out(0x71, 2, 0x1111);
    ck_assert_uint_eq(fake_cmos()[0x0a], 0);
    ck_assert_uint_eq(in(0x71, 2), 0xffff);
    ck_assert_uint_eq(in(0x71, 4), 0xffffffff);
    cmos(0x34);
    out(0x70, 2, 0x0a);
    ck_assert_uint_eq(in(0x71, 1), 32000U & 0xff);
}
END_TEST

/* A write and whether it ends the run, with the PM block at 0x600. */
static const struct write_case {
    uint32_t port;
    unsigned size;
    uint32_t value;
    bool ends;
} writes[] = {
    {0x604, 2, 0x2000, true},  {0x604, 2, 0x3c00, true},   {0x604, 4, 0x2001, true},
    {0x604, 2, 0x1c01, false}, {0x684, 2, 0x2000, false},  {0x602, 2, 0x2000, false},
    {0x604, 1, 0x2000, false}, {0xb004, 2, 0x2000, false}, {0xcf9, 1, 0x06, true},
    {0xcf9, 1, 0x02, false},   {0xcf8, 4, 0x600, false},   {0x64, 1, 0xfe, true},
    {0x64, 1, 0xd1, false},    {0x60, 1, 0xfe, false},     {0x92, 1, 0x03, true},
    {0x92, 1, 0x02, false},
};

START_TEST(the_end_of_a_run_dumps_the_counters_first)
{
    const struct write_case *write = &writes[_i];
    fake_lpc(0x600, true);
    out(0xcf8, 4, 0x80000010);
    unsigned before = fake_last_write().count;
    out((uint16_t)write->port, write->size, write->value);
    ck_assert_int_eq(strncmp(fake_log(), "{\"event.action\":\"tdxemu\"", 24) == 0, write->ends);
    ck_assert_int_eq(fake_log()[0] != '\0', write->ends);
    if (write->port != 0xcf8) {
        ck_assert_uint_eq(fake_last_write().count, before + 1);
        ck_assert_uint_eq(fake_last_write().value, write->value);
        ck_assert_uint_eq(fake_pci_address(), 0x80000010);
    }
}
END_TEST

START_TEST(the_pm_block_is_looked_for_where_it_is)
{
    fake_lpc(0xb000, true);
    out(0x604, 2, 0x2000);
    ck_assert_str_eq(fake_log(), "");
    out(0xb004, 2, 0x2000);
    ck_assert_str_ne(fake_log(), "");
}
END_TEST

START_TEST(a_pm_block_that_is_off_ends_nothing)
{
    fake_lpc(0x600, false);
    out(0x604, 2, 0x2000);
    fake_lpc(0, false);
    out(0x004, 2, 0x2000);
    ck_assert_str_eq(fake_log(), "");
}
END_TEST

static const uint64_t devices[] = {0x80000000, 0xb0000000, 0xfebffff8,     0xfec00000, 0xfedffff8,
                                   0xfef00000, MIB(10496), 0x700000000000, SHARED - 8};

START_TEST(device_memory_is_the_machine_s)
{
    unsigned size = 1U << _i % 4;
    uint64_t at = devices[_i / 4] & ~7ULL;
    uint64_t value = 0xa5;
    ck_assert(host_mmio(SHARED | at, size, false, &value));
    ck_assert_uint_eq(value, 0x1122334455667788ULL >> (64 - 8 * size));
    value = 0x55;
    ck_assert(host_mmio(SHARED | at, size, true, &value));
    struct fake_device_access access = fake_last_device_access();
    ck_assert_uint_eq(access.hpa, at);
    ck_assert_uint_eq(access.size, size);
    ck_assert_uint_eq(access.value, 0x55);
    ck_assert_uint_eq(access.count, 2);
}
END_TEST

/* The TD's RAM, tdxemu, the local APIC, the pool, addresses that are private or too large. */
static const struct {
    uint64_t gpa;
    unsigned size;
} no_devices[] = {
    {SHARED, 4},
    {SHARED | (MIB(2016) - 4), 4},
    {SHARED | MIB(2016), 4},
    {SHARED | 0x7e000000, 8},
    {SHARED | 0x7fffffff, 1},
    {SHARED | 0x7fffffff, 2},
    {SHARED | 0xfee00000, 4},
    {SHARED | 0xfee00300, 4},
    {SHARED | 0xfeefffff, 1},
    {SHARED | 0xfedffffd, 4},
    {SHARED | FOUR_GIB, 4},
    {SHARED | (FOUR_GIB - 4), 8},
    {SHARED | (FOUR_GIB + MIB(2080)), 4},
    {SHARED | (MIB(10496) - 1), 1},
    {0xfec00000, 4},
    {SHARED << 1, 4},
    {SHARED << 1 | SHARED | 0xfec00000, 4},
    {SHARED | (SHARED - 1), 2},
    {UINT64_MAX, 8},
    {UINT64_MAX, 1},
    {SHARED | 0xfec00000, 0},
    {SHARED | 0xfec00000, 3},
    {SHARED | 0xfec00000, 16},
    {SHARED | 0xfec00000, ~0U},
};

START_TEST(what_is_no_device_memory_is_refused)
{
    uint64_t value = 0xa5;
    ck_assert(!host_mmio(no_devices[_i].gpa, no_devices[_i].size, false, &value));
    ck_assert(!host_mmio(no_devices[_i].gpa, no_devices[_i].size, true, &value));
    ck_assert_uint_eq(value, 0xa5);
    ck_assert_uint_eq(fake_last_device_access().count, 0);
}
END_TEST

START_TEST(where_a_tpm_would_be_there_are_ones)
{
    uint64_t value = 0;
    ck_assert(host_mmio(SHARED | 0xfed40000, 1, false, &value));
    ck_assert_uint_eq(value, 0xff);
    ck_assert(host_mmio(SHARED | 0xfed44ff8, 8, false, &value));
    ck_assert_uint_eq(value, UINT64_MAX);
    ck_assert(host_mmio(SHARED | 0xfed40f00, 4, false, &value));
    ck_assert_uint_eq(value, UINT32_MAX);
    ck_assert(host_mmio(SHARED | 0xfed40f00, 4, true, &value));
    ck_assert_uint_eq(fake_last_device_access().count, 0);
    ck_assert(host_mmio(SHARED | 0xfed45000, 4, false, &value));
    ck_assert_uint_eq(fake_last_device_access().count, 1);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

Suite *tdxemu_suite(void)
{
    Suite *suite = suite_create("tdxemu io");
    TCase *t = tcase_create("io");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_loop_test(t, sizes_other_than_1_2_4_are_refused, 0, 6);
    tcase_add_test(t, other_ports_are_the_machine_s);
    tcase_add_loop_test(t, tdxemu_s_own_ports_are_not_there, 0, COUNT(own_ports));
    tcase_add_test(t, cmos_tells_the_td_s_memory);
    tcase_add_test(t, cmos_of_a_small_td);
    tcase_add_test(t, the_rest_of_cmos_is_the_machine_s);
    tcase_add_test(t, memory_registers_cannot_be_written_nor_seen_by_wide_accesses);
    tcase_add_loop_test(t, the_end_of_a_run_dumps_the_counters_first, 0, COUNT(writes));
    tcase_add_test(t, the_pm_block_is_looked_for_where_it_is);
    tcase_add_test(t, a_pm_block_that_is_off_ends_nothing);
    tcase_add_loop_test(t, device_memory_is_the_machine_s, 0, 4 * COUNT(devices));
    tcase_add_loop_test(t, what_is_no_device_memory_is_refused, 0, COUNT(no_devices));
    tcase_add_test(t, where_a_tpm_would_be_there_are_ones);
    suite_add_tcase(suite, t);
    return suite;
}
