/* kernel/pulse.h: whether a kernel that was found is still there, and whether it runs. */
#include "kernel/pulse.h"

#include "unit.h"

static struct unit_guest guest;
static struct kernel_pulse pulse;
static struct evidence evidence;

static void begin(void)
{
    struct scenario_options options = scenario_defaults();
    unit_guest_make(&guest, &options);
    memset(&pulse, 0xa5, sizeof pulse);
    evidence = (struct evidence){.what = NULL};
}

static void end(void)
{
    unit_guest_free(&guest);
}

static enum status feel(void)
{
    return kernel_feel(&guest.layout, &guest.budget, &pulse, &evidence);
}

static void put(struct gva at, uint64_t value)
{
    guest_put_u64(&guest.scenario.image, at.v, value);
}

START_TEST(a_kernel_at_home_ticks)
{
    ck_status(feel(), STATUS_OK);
    ck_assert(pulse.has_ticks);
    ck_assert_uint_eq(pulse.ticks, GUEST_TICKS);
    put(guest.layout.symbols.jiffies, GUEST_TICKS + 25);
    ck_status(feel(), STATUS_OK);
    ck_assert_uint_eq(pulse.ticks, GUEST_TICKS + 25);
    ck_assert_ptr_null(evidence.what);
}
END_TEST

START_TEST(a_kernel_without_the_symbol_has_no_ticks)
{
    guest.layout.symbols.jiffies = gva(0);
    ck_status(feel(), STATUS_OK);
    ck_assert(!pulse.has_ticks);
}
END_TEST

START_TEST(a_kernel_without_a_note_needs_none)
{
    guest.layout.note = gpa(0);
    guest.layout.symbols.vmcoreinfo_note = gva(0);
    ck_status(feel(), STATUS_OK);
}
END_TEST

/* Each fact is destroyed alone. */
START_TEST(what_no_longer_holds_is_named)
{
    const struct kernel_symbols *symbols = &guest.layout.symbols;
    const struct {
        struct gva at;
        uint64_t value;
        const char *what;
    } cases[] = {
        {gva_add(symbols->init_uts_ns, guest.layout.members.uts_release), 0x6f,
         "release in init_uts_ns"},
        {symbols->vmcoreinfo_note, 0, "vmcoreinfo_note"},
        {symbols->vmcoreinfo_note, guest_direct(&guest.scenario.image, guest.layout.image.v),
         "vmcoreinfo_note"},
        {symbols->net_namespace_list, 0, "TCP table of the initial namespace"},
        {symbols->net_namespace_list, 3, "TCP table of the initial namespace"},
        {gva_add(symbols->init_net, guest.layout.members.net_hashinfo), symbols->init_net.v,
         "TCP table of the initial namespace"},
    };
    put(cases[_i].at, cases[_i].value);
    ck_assert_int_ne(feel(), STATUS_OK);
    ck_assert_str_eq(evidence.what, cases[_i].what);
    ck_assert(unit_all_bytes(&pulse, sizeof pulse, 0xa5));
}
END_TEST

START_TEST(page_tables_that_lead_elsewhere_are_noticed)
{
    struct scenario *scenario = &guest.scenario;
    uint64_t root = guest_entry(&scenario->image, guest.layout.symbols.init_net.v, 4);
    memset(scenario->image.ram + root, 0, sizeof(uint64_t));
    ck_assert_int_ne(feel(), STATUS_OK);
    ck_assert_str_eq(evidence.what, "page tables");
}
END_TEST

START_TEST(the_budget_holds)
{
    guest.budget = budget_of(3);
    ck_status(feel(), STATUS_BUDGET);
    ck_assert(unit_all_bytes(&pulse, sizeof pulse, 0xa5));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("pulse");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, a_kernel_at_home_ticks);
    tcase_add_test(tests, a_kernel_without_the_symbol_has_no_ticks);
    tcase_add_test(tests, a_kernel_without_a_note_needs_none);
    tcase_add_loop_test(tests, what_no_longer_holds_is_named, 0, 6);
    tcase_add_test(tests, page_tables_that_lead_elsewhere_are_noticed);
    tcase_add_test(tests, the_budget_holds);
    suite_add_tcase(suite, tests);
    return suite;
}
