/* module/vapic.h against SDM volume 3C, 30.1 and 30.2. */
#include "module/vapic.h"

#include <string.h>

#include "abi/x86.h"
#include "module_suite.h"

static _Alignas(8) unsigned char page[VAPIC_BYTES];

static struct vapic fresh(void)
{
    memset(page, 0, sizeof page);
    return (struct vapic){page, 0, 0};
}

static uint32_t at(unsigned offset)
{
    uint32_t value;
    memcpy(&value, page + offset, sizeof value);
    return value;
}

START_TEST(a_posted_vector_is_pending_by_class)
{
    struct vapic v = fresh();
    ck_assert(!vapic_pending(&v));
    vapic_post(&v, 0x41);
    vapic_post(&v, 0x31);
    ck_assert_uint_eq(v.rvi, 0x41);
    ck_assert(vapic_pending(&v));
    ck_assert_uint_eq(at(APIC_IRR + 0x20), 2);
    ck_assert_uint_eq(at(APIC_IRR + 0x10), 1U << 0x11);
    vapic_set_tpr(&v, 0x40);
    ck_assert(!vapic_pending(&v));
    vapic_set_tpr(&v, 0x3f);
    ck_assert(vapic_pending(&v));
}
END_TEST

START_TEST(delivery_moves_it_into_service)
{
    struct vapic v = fresh();
    vapic_post(&v, 0x41);
    vapic_post(&v, 0x62);
    ck_assert_uint_eq(vapic_deliver(&v), 0x62);
    ck_assert_uint_eq(v.svi, 0x62);
    ck_assert_uint_eq(v.rvi, 0x41);
    ck_assert_uint_eq(at(APIC_PPR), 0x60);
    ck_assert_uint_eq(at(APIC_ISR + 0x30), 4);
    ck_assert_uint_eq(at(APIC_IRR + 0x30), 0);
    ck_assert(!vapic_pending(&v));
}
END_TEST

START_TEST(eoi_ends_the_highest_in_service)
{
    struct vapic v = fresh();
    uint8_t ended = 0;
    vapic_post(&v, 0x41);
    vapic_deliver(&v);
    vapic_post(&v, 0x62);
    vapic_deliver(&v);
    ck_assert_uint_eq(vapic_write(&v, APIC_EOI, 0, &ended), VAPIC_DONE);
    ck_assert_uint_eq(ended, 0x62);
    ck_assert_uint_eq(v.svi, 0x41);
    ck_assert_uint_eq(at(APIC_PPR), 0x40);
    ck_assert_uint_eq(vapic_eoi(&v), 0x41);
    ck_assert_uint_eq(vapic_eoi(&v), 0);
    ck_assert_uint_eq(at(APIC_PPR), 0);
}
END_TEST

START_TEST(writes_check_reserved_bits)
{
    struct vapic v = fresh();
    uint8_t ended = 7;
    ck_assert_uint_eq(vapic_write(&v, APIC_EOI, 1, &ended), VAPIC_FAULT);
    ck_assert_uint_eq(vapic_write(&v, APIC_TPR, 0x100, &ended), VAPIC_FAULT);
    ck_assert_uint_eq(vapic_write(&v, APIC_SELF_IPI, 0x100, &ended), VAPIC_FAULT);
    ck_assert_uint_eq(vapic_write(&v, APIC_SVR, 0, &ended), VAPIC_NOT_WRITTEN);
    ck_assert_uint_eq(ended, 7);
    ck_assert_uint_eq(vapic_write(&v, APIC_SELF_IPI, 0x55, &ended), VAPIC_DONE);
    ck_assert_uint_eq(v.rvi, 0x55);
    ck_assert_uint_eq(vapic_write(&v, APIC_TPR, 0x20, &ended), VAPIC_DONE);
    ck_assert_uint_eq(vapic_read(&v, APIC_TPR), 0x20);
    ck_assert_uint_eq(vapic_tpr(&v), 0x20);
}
END_TEST

START_TEST(ppr_is_the_higher_of_tpr_and_service)
{
    struct vapic v = fresh();
    vapic_post(&v, 0x51);
    vapic_deliver(&v);
    vapic_set_tpr(&v, 0x35);
    ck_assert_uint_eq(at(APIC_PPR), 0x50);
    vapic_set_tpr(&v, 0x57);
    ck_assert_uint_eq(at(APIC_PPR), 0x57);
}
END_TEST

Suite *module_suite(void)
{
    Suite *suite = suite_create("tdxemu vapic");
    TCase *tests = tcase_create("vapic");
    tcase_add_test(tests, a_posted_vector_is_pending_by_class);
    tcase_add_test(tests, delivery_moves_it_into_service);
    tcase_add_test(tests, eoi_ends_the_highest_in_service);
    tcase_add_test(tests, writes_check_reserved_bits);
    tcase_add_test(tests, ppr_is_the_higher_of_tpr_and_service);
    suite_add_tcase(suite, tests);
    return suite;
}
