/* Every row of the module's MSR table, its edges, and what no row names. */
#include "csv.h"
#include "module/msr_policy.h"
#include "unit.h"

enum {
    FIRST = 1,
    LAST,
    READ_BIT,
    READ_ACTION,
    WRITE_BIT,
    WRITE_ACTION
};

struct range {
    uint32_t first, last;
};

static struct range ranges[256];
static unsigned range_count;

static enum msr_action expected(const char *bit, const char *action)
{
    if (strcmp(bit, "FIXED_0") == 0)
        return MSR_NATIVE;
    if (strcmp(action, "VE") == 0)
        return MSR_VE;
    if (strcmp(action, "GP") == 0)
        return MSR_GP;
    if (strcmp(action, "GP_OR_VE") == 0)
        return MSR_GP_OR_VE;
    ck_assert_str_eq(action, "OTHER");
    return MSR_MODULE;
}

START_TEST(every_row)
{
    FILE *file = csv_open("TDX_MSRS_CSV");
    struct csv_row row;
    while (csv_next(file, &row)) {
        struct range range = {(uint32_t)csv_number(&row, FIRST), (uint32_t)csv_number(&row, LAST)};
        for (uint32_t msr = range.first; msr <= range.last; msr++) {
            ck_assert_int_eq(msr_policy(msr, false),
                             expected(row.column[READ_BIT], row.column[READ_ACTION]));
            ck_assert_int_eq(msr_policy(msr, true),
                             expected(row.column[WRITE_BIT], row.column[WRITE_ACTION]));
        }
        ck_assert_uint_lt(range_count, sizeof(ranges) / sizeof(ranges[0]));
        ranges[range_count++] = range;
    }
    fclose(file);
    ck_assert_uint_eq(range_count, 134);
}
END_TEST

static bool listed(uint32_t msr)
{
    for (unsigned i = 0; i < range_count; i++) {
        if (msr >= ranges[i].first && msr <= ranges[i].last)
            return true;
    }
    return false;
}

static void check_unlisted(uint32_t msr)
{
    if (listed(msr))
        return;
    ck_assert_msg(msr_policy(msr, false) == MSR_VE, "read of %#x", msr);
    ck_assert_msg(msr_policy(msr, true) == MSR_VE, "write of %#x", msr);
}

START_TEST(the_rest_is_ve)
{
    FILE *file = csv_open("TDX_MSRS_CSV");
    struct csv_row row;
    for (range_count = 0; csv_next(file, &row); range_count++)
        ranges[range_count] =
            (struct range){(uint32_t)csv_number(&row, FIRST), (uint32_t)csv_number(&row, LAST)};
    fclose(file);
    for (uint32_t msr = 0; msr < 0x4000; msr++) {
        check_unlisted(msr);
        check_unlisted(0xc0000000U + msr);
    }
    check_unlisted(0x40000000U);
    check_unlisted(0xffffffffU);
}
END_TEST

/* TDX fact by fact: reference tdx-abi.md B.10; Linux' use of them under TDX. */
START_TEST(by_name)
{
    ck_assert_int_eq(msr_policy(0x6e0, true), MSR_GP_OR_VE);     /* TSC_DEADLINE */
    ck_assert_int_eq(msr_policy(0x1b, false), MSR_VE);           /* APIC_BASE */
    ck_assert_int_eq(msr_policy(0x830, true), MSR_VE);           /* x2APIC ICR */
    ck_assert_int_eq(msr_policy(0x80b, true), MSR_NATIVE);       /* x2APIC EOI */
    ck_assert_int_eq(msr_policy(0xc0000080, false), MSR_NATIVE); /* EFER */
    ck_assert_int_eq(msr_policy(0xc0000080, true), MSR_MODULE);  /* EFER */
    ck_assert_int_eq(msr_policy(0x48e, false), MSR_MODULE);      /* VMX_TRUE_PROCBASED_CTLS */
    ck_assert_int_eq(msr_policy(0x10a, true), MSR_NATIVE);       /* ARCH_CAPABILITIES */
    ck_assert_int_eq(msr_policy(0xc1, false), MSR_GP);           /* PMC0: no PERFMON */
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("msr_policy");
    TCase *tests = tcase_create("msr_policy");
    tcase_add_test(tests, every_row);
    tcase_add_test(tests, the_rest_is_ve);
    tcase_add_test(tests, by_name);
    suite_add_tcase(suite, tests);
    return suite;
}
