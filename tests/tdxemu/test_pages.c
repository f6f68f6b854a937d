/* module/pages.h and svm/npt.h: a TD of 8 MiB below and 4 MiB above 4 GiB. */
#include "module/pages.h"

#include <string.h>

#include "abi/tdx_tdcall.h"
#include "boot/memory.h"
#include "host/td_image.h"
#include "module_suite.h"

#define LOW  0x800000ULL
#define HIGH 0x400000ULL
#define POOL (LOW + HIGH + TD_IMAGE_MAX)
#define RW   (TDX_ATTR_R | TDX_ATTR_W)

static struct machine machine;

static void start(void)
{
    machine = (struct machine){.td_memory = LOW + HIGH, .low = LOW, .high = HIGH};
    machine.hpa_pool = memory_hpa(memory_2m(POOL));
    machine.hpa_pool_end = machine.hpa_pool + POOL;
    pages_init(&machine);
}

START_TEST(ram_is_where_the_machine_says)
{
    start();
    ck_assert(pages_is_ram(0, LOW));
    ck_assert(!pages_is_ram(0, LOW + 1));
    ck_assert(pages_is_ram(MACHINE_4G, HIGH));
    ck_assert(!pages_is_ram(MACHINE_4G - 1, 1));
    ck_assert_ptr_null(pages_private(LOW, 1));
    ck_assert_ptr_eq(pages_private(MACHINE_4G, 1), memory_at(machine.hpa_pool + LOW));
    ck_assert_ptr_eq(pages_private(MACHINE_4G - 1, 1), memory_at(machine.hpa_pool + POOL - 1));
    ck_assert_ptr_null(pages_private(MACHINE_4G - 1, 2));
    ck_assert_uint_eq(pages_state(LOW), PAGE_NONE);
    ck_assert_uint_eq(pages_state(MACHINE_4G - SIZE_4K), PAGE_NONE);
    ck_assert_uint_eq(pages_state(0), PAGE_PENDING);
}
END_TEST

START_TEST(an_accepted_page_is_mapped_and_zero)
{
    start();
    ck_assert_ptr_null(pages_mapped(0x3000, 1));
    pages_accept(0x3000, NPT_LEVEL_4K);
    unsigned char *at = pages_mapped(0x3000, SIZE_4K);
    ck_assert_ptr_nonnull(at);
    ck_assert_ptr_null(pages_mapped(0x3001, SIZE_4K));
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x3fff), NPT_ALL);
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x4000), 0);
    at[5] = 1;
    pages_map_gpa(0x3000, SIZE_4K, true);
    ck_assert_ptr_null(pages_mapped(0x3000, 1));
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x3000), 0);
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x3000 | GPA_SHARED_BIT), NPT_ALL);
    ck_assert_ptr_eq(pages_seen(0x3008 | GPA_SHARED_BIT, 8), memory_at(0x3008));
    pages_map_gpa(0x3000, SIZE_4K, false);
    ck_assert_uint_eq(pages_state(0x3000), PAGE_PENDING);
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x3000 | GPA_SHARED_BIT), 0);
    pages_accept(0x3000, NPT_LEVEL_4K);
    ck_assert_uint_eq(at[5], 0);
}
END_TEST

START_TEST(a_large_page_is_demoted_by_sharing)
{
    start();
    ck_assert(pages_untouched(SIZE_2M));
    ck_assert(!pages_untouched(LOW));
    pages_accept(SIZE_2M, NPT_LEVEL_2M);
    ck_assert(!pages_untouched(SIZE_2M));
    ck_assert(pages_large(SIZE_2M + 0x5000));
    pages_map_gpa(SIZE_2M + 0x5000, SIZE_4K, true);
    ck_assert(!pages_large(SIZE_2M));
    ck_assert_uint_eq(npt_permissions(pages_l1(), SIZE_2M + 0x4000), NPT_ALL);
    ck_assert_uint_eq(npt_permissions(pages_l1(), SIZE_2M + 0x5000), 0);
    ck_assert_uint_eq(npt_permissions(pages_l1(), SIZE_2M + 0x6000), NPT_ALL);
}
END_TEST

START_TEST(an_alias_waits_for_acceptance_and_ends_with_the_page)
{
    start();
    pages_alias_set(0x7000, NPT_LEVEL_4K, RW);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x7000), 0);
    pages_accept(0x7000, NPT_LEVEL_4K);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x7000), NPT_READ | NPT_WRITE);
    pages_alias_set(0x7000, NPT_LEVEL_4K, TDX_ATTR_R | TDX_ATTR_XS);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x7000), NPT_READ | NPT_EXEC);
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x7000), NPT_ALL);
    pages_map_gpa(0x7000, SIZE_4K, true);
    ck_assert_uint_eq(pages_alias(0x7000), 0);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x7000), 0);
}
END_TEST

START_TEST(l2_sees_shared_pages_when_allowed)
{
    start();
    pages_map_gpa(0x7000, SIZE_4K, true);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x7000 | GPA_SHARED_BIT), 0);
    pages_l2_shared(true);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x7000 | GPA_SHARED_BIT), NPT_ALL);
    pages_map_gpa(0x8000, SIZE_4K, true);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x8000 | GPA_SHARED_BIT), NPT_ALL);
    pages_l2_shared(false);
    ck_assert_uint_eq(npt_permissions(pages_l2(), 0x8000 | GPA_SHARED_BIT), 0);
    ck_assert_uint_eq(npt_permissions(pages_l1(), 0x8000 | GPA_SHARED_BIT), NPT_ALL);
}
END_TEST

START_TEST(adding_wants_whole_private_pages)
{
    start();
    ck_assert(!pages_add(0x1001, SIZE_4K));
    ck_assert(!pages_add(LOW - SIZE_4K, 2 * SIZE_4K));
    ck_assert(pages_add(MACHINE_4G - 2 * SIZE_4K, 2 * SIZE_4K));
    ck_assert_uint_eq(pages_state(MACHINE_4G - 1), PAGE_MAPPED);
}
END_TEST

Suite *module_suite(void)
{
    Suite *suite = suite_create("tdxemu pages");
    TCase *tests = tcase_create("pages");
    tcase_add_test(tests, ram_is_where_the_machine_says);
    tcase_add_test(tests, an_accepted_page_is_mapped_and_zero);
    tcase_add_test(tests, a_large_page_is_demoted_by_sharing);
    tcase_add_test(tests, an_alias_waits_for_acceptance_and_ends_with_the_page);
    tcase_add_test(tests, l2_sees_shared_pages_when_allowed);
    tcase_add_test(tests, adding_wants_whole_private_pages);
    suite_add_tcase(suite, tests);
    return suite;
}
