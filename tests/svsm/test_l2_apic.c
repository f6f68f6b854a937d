/* L2's local APIC and the interrupts that svsm lets through to it. */
#include "abi/x86.h"
#include "irq/irq.h"
#include "irq/l2_apic.h"
#include "suite.h"

static struct l2_enter_guest_state state;

static void setup(void)
{
    fake_host_reset();
    state = (struct l2_enter_guest_state){0};
    l2_apic_start(&state);
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_LVT_TIMER), APIC_TIMER_DEADLINE | 0xec));
}

static uint64_t read_msr(uint32_t msr)
{
    uint64_t value = 0xdead;
    ck_assert(l2_apic_read(msr, &value));
    return value;
}

START_TEST(a_request_is_pending_at_its_priority)
{
    l2_apic_request(0x31);
    l2_apic_request(0x25);
    ck_assert_uint_eq(state.rvi, 0x31);
    ck_assert_uint_eq(read_msr(X2APIC_MSR(APIC_IRR) + 1), 1U << (0x31 - 32) | 1U << (0x25 - 32));
    ck_assert(l2_apic_deliverable());
}
END_TEST

START_TEST(the_deadline_fires_once)
{
    ck_assert(l2_apic_write(MSR_TSC_DEADLINE, 1000));
    ck_assert_uint_eq(l2_apic_deadline(), 1000);
    l2_apic_expire(999);
    ck_assert_uint_eq(state.rvi, 0);
    l2_apic_expire(1000);
    ck_assert_uint_eq(state.rvi, 0xec);
    ck_assert_uint_eq(l2_apic_deadline(), UINT64_MAX);
    ck_assert_uint_eq(read_msr(MSR_TSC_DEADLINE), 0);
}
END_TEST

START_TEST(a_masked_timer_is_silent)
{
    ck_assert(l2_apic_write(MSR_TSC_DEADLINE, 1000));
    ck_assert(
        l2_apic_write(X2APIC_MSR(APIC_LVT_TIMER), APIC_TIMER_DEADLINE | APIC_LVT_MASKED | 0xec));
    l2_apic_expire(2000);
    ck_assert_uint_eq(state.rvi, 0);
}
END_TEST

START_TEST(leaving_the_mode_disarms)
{
    ck_assert(l2_apic_write(MSR_TSC_DEADLINE, 1000));
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_LVT_TIMER), 0xec));
    ck_assert_uint_eq(l2_apic_deadline(), UINT64_MAX);
    ck_assert_uint_ne(read_msr(X2APIC_MSR(APIC_LVT_TIMER)) & APIC_LVT_MASKED, 0);
}
END_TEST

START_TEST(ipis_reach_this_cpu_or_none)
{
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_ICR), 0x30));               /* physical id 0 */
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_ICR), 0x31 | 1ULL << 32));  /* physical id 1 */
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_ICR), 0x832 | 1ULL << 32)); /* logical id 1 */
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_ICR), 0xc0033));            /* all but self */
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_ICR), 0x40034));            /* self */
    ck_assert(l2_apic_write(X2APIC_MSR(APIC_ICR), 0x435));              /* NMI */
    ck_assert_uint_eq(read_msr(X2APIC_MSR(APIC_IRR) + 1), 1U << 0x10 | 1U << 0x12 | 1U << 0x14);
}
END_TEST

START_TEST(other_registers_are_refused)
{
    uint64_t value;
    static const uint32_t absent[] = {0x800, 0x801, 0x809, 0x80b, 0x80c, 0x831, 0x83f, 0x8ff};

    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert(!l2_apic_read(absent[i], &value));
    ck_assert(!l2_apic_write(X2APIC_MSR(APIC_ID), 0));
    ck_assert(!l2_apic_write(X2APIC_MSR(APIC_SVR), 1ULL << 32));
    ck_assert(!l2_apic_write(X2APIC_MSR(APIC_ESR), 1));
}
END_TEST

/* The host may inject what it likes: only what L2 asked a device for arrives. */
START_TEST(only_programmed_vectors_arrive)
{
    uint64_t before = irq_dropped();

    irq_msix_write(0x10, 2, 8, 0x41);
    irq_msix_write(0x18, 2, 4, 0x42); /* an address, not data */
    irq_msix_write(0x18, 64, 8, 0x43);
    for (unsigned vector = 0; vector < 255; vector++)
        irq_arrived((uint8_t)vector);
    ck_assert_uint_eq(state.rvi, 0x41);
    ck_assert_uint_eq(irq_dropped() - before, 254);
    irq_msix_write(0x10, 2, 8, 0);
    state.rvi = 0;
    irq_arrived(0x41);
    ck_assert_uint_eq(state.rvi, 0);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("svsm-l2_apic");
    TCase *tests = tcase_create("l2_apic");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_request_is_pending_at_its_priority);
    tcase_add_test(tests, the_deadline_fires_once);
    tcase_add_test(tests, a_masked_timer_is_silent);
    tcase_add_test(tests, leaving_the_mode_disarms);
    tcase_add_test(tests, ipis_reach_this_cpu_or_none);
    tcase_add_test(tests, other_registers_are_refused);
    tcase_add_test(tests, only_programmed_vectors_arrive);
    suite_add_tcase(suite, tests);
    return suite;
}
