/* base/status.h: every status has a name of its own; evidence is written only on demand. */
#include "unit.h"

START_TEST(names_are_distinct_and_lower_case)
{
    for (unsigned i = 0; i < STATUS_COUNT; i++) {
        const char *name = status_name((enum status)i);
        ck_assert_ptr_nonnull(name);
        ck_assert_str_ne(name, "unknown");
        for (unsigned j = 0; j < i; j++)
            ck_assert_str_ne(name, status_name((enum status)j));
    }
    ck_assert_str_eq(status_name(STATUS_COUNT), "unknown");
    ck_assert_str_eq(status_name((enum status) - 1), "unknown");
}
END_TEST

START_TEST(refusal_carries_its_evidence)
{
    struct evidence evidence = {NULL, 0};
    ck_assert_int_eq(refuse(&evidence, STATUS_MALFORMED, "here", 0x1234), STATUS_MALFORMED);
    ck_assert_str_eq(evidence.what, "here");
    ck_assert_uint_eq(evidence.at, 0x1234);
    ck_assert_int_eq(refuse(NULL, STATUS_FULL, "nobody asks", 1), STATUS_FULL);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("status");
    TCase *tests = tcase_create("status");
    tcase_add_test(tests, names_are_distinct_and_lower_case);
    tcase_add_test(tests, refusal_carries_its_evidence);
    suite_add_tcase(suite, tests);
    return suite;
}
