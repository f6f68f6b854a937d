/* tcp/scan.h, tcp_find_secrets: the places in the code, and learning which is which. */
#include "unit.h"

static struct unit_guest guest;

static void set_up(void)
{
    struct scenario_options options = scenario_defaults();
    unit_guest_make(&guest, &options);
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

static bool has_place(uint64_t address)
{
    for (size_t i = 0; i < guest.secrets.count; i++)
        if (guest.secrets.places[i].v == address)
            return true;
    return false;
}

START_TEST(places_are_found_in_code)
{
    const struct guest_kernel *kernel = &guest.scenario.kernel;
    ck_assert(has_place(kernel->secret_v4));
    ck_assert(has_place(kernel->secret_v6));
    ck_assert(has_place(kernel->secret_v6_address));
    ck_assert_uint_le(guest.secrets.count, TCP_SECRETS_MAX);
    ck_assert(!guest.secrets.v4_known && !guest.secrets.v6_known);
}
END_TEST

START_TEST(live_entries_tell_which_is_which)
{
    struct unit_scan scan = {0};
    unit_scan(&guest, &scan);
    ck_assert(guest.secrets.v4_known && guest.secrets.v6_known);
    ck_assert_uint_eq(guest.secrets.v4, guest.scenario.kernel.keys.v4);
    ck_assert_uint_eq(guest.secrets.v6, guest.scenario.kernel.keys.v6);
    ck_assert_uint_eq(guest.secrets.v6_address, guest.scenario.kernel.keys.v6_address);
    unit_scan_free(&scan);
}
END_TEST

START_TEST(code_without_loads_has_none)
{
    static const unsigned char nops[640] = {0x90};
    struct tcp_secrets secrets;
    uint64_t first = guest.layout.symbols.ehashfn.v;
    uint64_t second = guest.layout.symbols.ehashfn6.v;
    guest_put(&guest.scenario.image, first < second ? first : second, nops, sizeof nops);
    guest_put(&guest.scenario.image, first < second ? second : first, nops, sizeof nops);
    memset(&secrets, 0xa5, sizeof secrets);
    ck_status(tcp_find_secrets(&guest.layout, &guest.budget, &secrets), STATUS_NOT_FOUND);
    ck_assert(unit_all_bytes(&secrets, sizeof secrets, 0xa5));
}
END_TEST

START_TEST(kernels_without_the_symbols_have_none)
{
    struct tcp_secrets secrets;
    memset(&secrets, 0xa5, sizeof secrets);
    guest.layout.symbols.ehashfn6 = gva(0); /* ipv6.disable or CONFIG_IPV6=n */
    ck_status(tcp_find_secrets(&guest.layout, &guest.budget, &secrets), STATUS_OK);
    guest.layout.symbols.ehashfn = gva(0);
    memset(&secrets, 0xa5, sizeof secrets);
    ck_status(tcp_find_secrets(&guest.layout, &guest.budget, &secrets), STATUS_NOT_FOUND);
    ck_assert(unit_all_bytes(&secrets, sizeof secrets, 0xa5));
}
END_TEST

/* A function full of loads, more than there is room for. */
START_TEST(more_loads_than_room)
{
    unsigned char code[600];
    uint64_t at = guest.layout.symbols.ehashfn.v;
    for (size_t i = 0; i + 6 <= sizeof code; i += 6) {
        int32_t displacement = 4096 + (int32_t)(-2 * (int32_t)i);
        displacement -= (int32_t)((at + i + 6 + (uint64_t)displacement) % 4);
        code[i] = 0x8b;
        code[i + 1] = 0x05;
        memcpy(code + i + 2, &displacement, 4);
    }
    guest_put(&guest.scenario.image, at, code, sizeof code);
    ck_status(tcp_find_secrets(&guest.layout, &guest.budget, &guest.secrets), STATUS_OK);
    ck_assert_uint_eq(guest.secrets.count, TCP_SECRETS_MAX);
}
END_TEST

START_TEST(failures_leave_secrets_alone)
{
    struct tcp_secrets secrets;
    for (uint64_t units = 0; units < 8; units++) {
        struct budget budget = budget_of(units);
        memset(&secrets, 0xa5, sizeof secrets);
        enum status status = tcp_find_secrets(&guest.layout, &budget, &secrets);
        ck_assert(status == STATUS_OK || status == STATUS_BUDGET);
        ck_assert(status == STATUS_OK || unit_all_bytes(&secrets, sizeof secrets, 0xa5));
    }
    guest.layout.symbols.ehashfn = gva(0xffffdead00000000ULL);
    memset(&secrets, 0xa5, sizeof secrets);
    ck_assert_int_ne(tcp_find_secrets(&guest.layout, &guest.budget, &secrets), STATUS_OK);
    ck_assert(unit_all_bytes(&secrets, sizeof secrets, 0xa5));
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("secrets");
    TCase *tests = tcase_create("secrets");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, places_are_found_in_code);
    tcase_add_test(tests, live_entries_tell_which_is_which);
    tcase_add_test(tests, code_without_loads_has_none);
    tcase_add_test(tests, kernels_without_the_symbols_have_none);
    tcase_add_test(tests, more_loads_than_room);
    tcase_add_test(tests, failures_leave_secrets_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
