/* host/lapic.h: the timer's three modes, and interrupts to oneself. */
#include "host/lapic.h"

#include "abi/x86.h"
#include "module_suite.h"

#define MSR(offset) ((uint32_t)X2APIC_MSR(offset))
#define VECTOR      0x51U

static struct lapic lapic;

static void put(uint32_t msr, uint64_t value, uint64_t now)
{
    uint8_t vector;
    ck_assert(lapic_write(&lapic, msr, value, now, &vector));
}

static uint64_t get(uint32_t msr, uint64_t now)
{
    uint64_t value = 0;
    ck_assert(lapic_read(&lapic, msr, now, &value));
    return value;
}

START_TEST(one_shot_comes_once)
{
    lapic_reset(&lapic);
    put(MSR(APIC_LVT_TIMER), VECTOR, 0);
    put(MSR(APIC_TIMER_DIVIDE), 0, 0); /* by 2 */
    put(MSR(APIC_TIMER_INITIAL), 100, 1000);
    ck_assert_uint_eq(get(MSR(APIC_TIMER_CURRENT), 1100), 50);
    ck_assert_uint_eq(lapic_tick(&lapic, 1199), 0);
    ck_assert_uint_eq(lapic_tick(&lapic, 1200), VECTOR);
    ck_assert_uint_eq(lapic_tick(&lapic, 9999), 0);
    ck_assert_uint_eq(lapic.deadline, LAPIC_NEVER);
}
END_TEST

START_TEST(periodic_comes_again)
{
    lapic_reset(&lapic);
    put(MSR(APIC_LVT_TIMER), APIC_TIMER_PERIODIC | VECTOR, 0);
    put(MSR(APIC_TIMER_DIVIDE), 0xb, 0); /* by 1 */
    put(MSR(APIC_TIMER_INITIAL), 100, 1000);
    ck_assert_uint_eq(lapic_tick(&lapic, 1130), VECTOR); /* late; the next is not */
    ck_assert_uint_eq(lapic.deadline, 1200);
    ck_assert_uint_eq(lapic_tick(&lapic, 5000), VECTOR);
    ck_assert_uint_eq(lapic.deadline, 5100);
    put(MSR(APIC_TIMER_INITIAL), 0, 5000);
    ck_assert_uint_eq(lapic_tick(&lapic, 9999), 0);
}
END_TEST

START_TEST(deadline_needs_its_mode)
{
    lapic_reset(&lapic);
    put(MSR(APIC_LVT_TIMER), VECTOR, 0);
    put(MSR_TSC_DEADLINE, 1500, 1000);
    ck_assert_uint_eq(get(MSR_TSC_DEADLINE, 1000), 0);
    put(MSR(APIC_LVT_TIMER), APIC_TIMER_DEADLINE | VECTOR, 0);
    put(MSR_TSC_DEADLINE, 1500, 1000);
    ck_assert_uint_eq(get(MSR_TSC_DEADLINE, 1000), 1500);
    ck_assert_uint_eq(lapic_tick(&lapic, 1499), 0);
    ck_assert_uint_eq(lapic_tick(&lapic, 1500), VECTOR);
    ck_assert_uint_eq(get(MSR_TSC_DEADLINE, 1500), 0);
    put(MSR(APIC_LVT_TIMER), APIC_TIMER_DEADLINE | APIC_LVT_MASKED | VECTOR, 0);
    put(MSR_TSC_DEADLINE, 1600, 1500);
    ck_assert_uint_eq(lapic_tick(&lapic, 1700), 0);
}
END_TEST

START_TEST(icr_reaches_the_only_vcpu)
{
    static const struct {
        uint64_t icr;
        uint8_t vector;
    } rows[] = {
        {0x40041, 0x41},        /* shorthand: self */
        {0x80041, 0x41},        /* all */
        {0xc0041, 0},           /* all but self */
        {0x41, 0x41},           /* physical 0 */
        {1ULL << 32 | 0x41, 0}, /* physical 1 */
        {0xffffffffULL << 32 | 0x41, 0x41},
        {1ULL << 32 | 0x841, 0x41}, /* logical 1 */
        {2ULL << 32 | 0x841, 0},
        {0x400, 0}, /* NMI */
        {0x0f, 0},
    };
    lapic_reset(&lapic);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t vector = 0xff;
        ck_assert(lapic_write(&lapic, MSR(APIC_ICR), rows[i].icr, 0, &vector));
        ck_assert_uint_eq(vector, rows[i].vector);
    }
}
END_TEST

START_TEST(only_its_registers_are_there)
{
    uint64_t value;
    uint8_t vector;
    lapic_reset(&lapic);
    ck_assert_uint_eq(get(MSR(APIC_ID), 0), 0);
    ck_assert_uint_eq(get(MSR(APIC_LDR), 0), 1);
    ck_assert(!lapic_read(&lapic, 0x8ff, 0, &value));
    ck_assert(!lapic_read(&lapic, 0x1b, 0, &value));
    ck_assert(!lapic_write(&lapic, MSR(APIC_ID), 0, 0, &vector));
}
END_TEST

Suite *module_suite(void)
{
    Suite *suite = suite_create("tdxemu lapic");
    TCase *tests = tcase_create("lapic");
    tcase_add_test(tests, one_shot_comes_once);
    tcase_add_test(tests, periodic_comes_again);
    tcase_add_test(tests, deadline_needs_its_mode);
    tcase_add_test(tests, icr_reaches_the_only_vcpu);
    tcase_add_test(tests, only_its_registers_are_there);
    suite_add_tcase(suite, tests);
    return suite;
}
