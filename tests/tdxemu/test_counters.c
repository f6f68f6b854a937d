/* host/counters.h and host/fatal.h: the lines that end a log. */
#include "host/counters.h"

#include "abi/ghci.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "host/fatal.h"
#include "suite.h"

#define NOTHING                                                                                    \
    "{\"event.action\":\"tdxemu\",\"exits\":{},\"tdcalls\":{},\"tdvmcalls\":{},\"l2_exits\":{},"   \
    "\"ticks\":{\"L1\":0,\"L2\":0,\"tdxemu\":0}}\n"

START_TEST(nothing_counted_is_four_empty_objects)
{
    fake_reset();
    counters_dump();
    ck_assert_str_eq(fake_log(), NOTHING);
}
END_TEST

START_TEST(exits_have_their_names)
{
    static const uint64_t codes[] = {0,    0x18, 0x2f,  0x37, 0x46, 0x5f,  0x60,      0x72,
                                     0x72, 0x8d, 0x400, 0x9f, 0xa0, 0x401, UINT64_MAX};
    fake_reset();
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        counter_exit(codes[i]);
    counters_dump();
    ck_assert_ptr_nonnull(
        strstr(fake_log(), "\"exits\":{\"CR_READ_0\":1,\"CR_WRITE_8\":1,\"DR_READ_15\":1,"
                           "\"DR_WRITE_7\":1,\"EXCP_6\":1,\"EXCP_31\":1,\"INTR\":1,\"CPUID\":2,"
                           "\"XSETBV\":1,\"NPF\":1,\"other\":4},"));
}
END_TEST

START_TEST(tdcalls_have_their_names)
{
    fake_reset();
    for (unsigned leaf = 0; leaf <= TDG_LEAVES; leaf++)
        counter_tdcall(leaf);
    counter_tdcall(TDG_VP_ENTER);
    counter_tdcall(~0U);
    counters_dump();
    ck_assert_ptr_nonnull(
        strstr(fake_log(), "\"tdcalls\":{\"TDG.VP.VMCALL\":1,\"TDG.VP.INFO\":1,"));
    ck_assert_ptr_nonnull(strstr(fake_log(), "\"TDG.VP.ENTER\":2,\"TDG.VP.INVEPT\":1,"
                                             "\"TDG.VP.INVVPID\":1,\"other\":9},"));
}
END_TEST

START_TEST(tdvmcalls_have_their_names)
{
    static const uint64_t functions[] = {GHCI_MAP_GPA, GHCI_REPORT_FATAL_ERROR,
                                         GHCI_IO,      GHCI_IO,
                                         GHCI_MMIO,    0,
                                         79,           94,
                                         110,          80,
                                         0xffff,       0x10005,
                                         UINT64_MAX};
    fake_reset();
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        counter_tdvmcall(functions[i]);
    counters_dump();
    ck_assert_ptr_nonnull(strstr(fake_log(),
                                 "\"tdvmcalls\":{\"MapGPA\":1,\"ReportFatalError\":1,"
                                 "\"Instruction.IO\":2,\"#VE.RequestMMIO\":1,\"other\":8},"));
}
END_TEST

START_TEST(ticks_go_to_who_ran)
{
    counter_ran(false, 100, 150);
    counter_ran(true, 157, 1157);
    counter_ran(false, 1160, 1161);
    counters_dump();
    ck_assert_ptr_nonnull(strstr(fake_log(), "\"ticks\":{\"L1\":51,\"L2\":1000,\"tdxemu\":10}}"));
}
END_TEST

START_TEST(l2_exits_have_their_names)
{
    static const unsigned reasons[] = {
        VMX_EXIT_EXCEPTION, VMX_EXIT_TDCALL, VMX_EXIT_CPUID, VMX_EXIT_CPUID, 3, 78, ~0U};
    fake_reset();
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        counter_l2_exit(reasons[i]);
    counters_dump();
    ck_assert_ptr_nonnull(strstr(fake_log(), "\"l2_exits\":{\"EXCEPTION\":1,\"CPUID\":2,"
                                             "\"TDCALL\":1,\"other\":3},"));
}
END_TEST

static uint64_t text[GHCI_FATAL_TEXT / 8];
static uint64_t code;

static void report(void)
{
    host_fatal_error(code, text);
}

static void check_report(const char *line)
{
    unsigned status = 0;
    fake_reset();
    ck_assert(fake_ends(report, &status));
    ck_assert_uint_eq(status, 1);
    ck_assert_str_eq(fake_log(), line);
}

START_TEST(a_fatal_error_ends_the_run_with_its_text)
{
    memcpy(text, "out of memory", 14);
    check_report("tdxemu: td error: out of memory\n" NOTHING);
    code = 0x8000000000000001;
    check_report("tdxemu: td error: out of memory (code 0x8000000000000001)\n" NOTHING);
}
END_TEST

START_TEST(its_text_is_hostile)
{
    memcpy(text, "a\n{\x1b[2J\xff\x7f%s", 12);
    check_report("tdxemu: td error: a?{?[2J??%s\n" NOTHING);
    memset(text, 'x', sizeof text);
    check_report("tdxemu: td error: "
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" NOTHING);
}
END_TEST

Suite *tdxemu_suite(void)
{
    Suite *suite = suite_create("tdxemu counters");
    TCase *t = tcase_create("counters");
    tcase_add_test(t, nothing_counted_is_four_empty_objects);
    tcase_add_test(t, exits_have_their_names);
    tcase_add_test(t, tdcalls_have_their_names);
    tcase_add_test(t, tdvmcalls_have_their_names);
    tcase_add_test(t, ticks_go_to_who_ran);
    tcase_add_test(t, l2_exits_have_their_names);
    tcase_add_test(t, a_fatal_error_ends_the_run_with_its_text);
    tcase_add_test(t, its_text_is_hostile);
    suite_add_tcase(suite, t);
    return suite;
}
