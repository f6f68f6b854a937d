/* kernel/src/kallsyms.h: decoding both schemes, and tables that lie or end early. */
#include "kallsyms.h"
#include "unit.h"

#define WANT(name, field, required)                                                                \
    {                                                                                              \
        name, offsetof(struct kernel_symbols, field), required                                     \
    }

static const struct kallsyms_wanted wanted[] = {
    WANT("_stext", stext, true), WANT("init_net", init_net, true),
    WANT("tcp_hashinfo", tcp_hashinfo, true), WANT("no_such_symbol", linux_banner, false)};

enum {
    WANTED = sizeof wanted / sizeof wanted[0]
};

static struct unit_guest guest;
static struct kallsyms kallsyms;
static struct kallsyms_tables tables;
static struct kernel_symbols symbols;
static struct evidence evidence;

static void set_up_style(enum kallsyms_scheme scheme, enum kallsyms_order order)
{
    struct scenario_options options = scenario_defaults();
    options.no_sockets = true;
    options.scheme = scheme;
    options.order = order;
    unit_guest_make(&guest, &options);
    const struct kallsyms_image *at = &guest.scenario.kernel.tables;
    uint64_t base = guest.scenario.kernel.kallsyms;
    tables = (struct kallsyms_tables){gva(base + at->names),       gva(base + at->num_syms),
                                      gva(base + at->token_table), gva(base + at->token_index),
                                      gva(base + at->offsets),     gva(base + at->relative_base)};
    memset(&symbols, 0xa5, sizeof symbols);
}

static void set_up(void)
{
    set_up_style(KALLSYMS_PERCPU, KALLSYMS_OFFSETS_FIRST);
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

static enum status find(const struct kallsyms_wanted *list, size_t count)
{
    enum status status =
        kallsyms_open(&kallsyms, &guest.layout.space, &guest.budget, &tables, &evidence);
    if (status == STATUS_OK)
        status = kallsyms_find(&kallsyms, list, count, &symbols, &evidence);
    ck_assert(status == STATUS_OK || unit_all_bytes(&symbols, sizeof symbols, 0xa5));
    return status;
}

START_TEST(symbols_of_all_styles)
{
    set_up_style((enum kallsyms_scheme)(_i % 2), (enum kallsyms_order)(_i / 2));
    ck_status(find(wanted, WANTED), STATUS_OK);
    ck_assert_uint_eq(symbols.stext.v, guest.layout.symbols.stext.v);
    ck_assert_uint_eq(symbols.init_net.v, guest.layout.symbols.init_net.v);
    ck_assert_uint_eq(symbols.tcp_hashinfo.v, guest.layout.symbols.tcp_hashinfo.v);
    ck_assert_uint_eq(symbols.linux_banner.v, 0);
    tear_down();
}
END_TEST

/* Every symbol by its own name; long ones have the two-byte length. */
START_TEST(every_name_decodes)
{
    set_up();
    const struct guest_kernel *kernel = &guest.scenario.kernel;
    for (size_t i = 0; i < kernel->symbol_count; i += 97) {
        const struct kallsyms_entry *one = &kernel->symbols[i];
        struct kallsyms_wanted pair[] = {wanted[0], WANT(one->name, end, true)};
        if (strlen(one->name) >= 150)
            continue;
        ck_status(find(pair, 2), STATUS_OK);
        ck_assert_msg(symbols.end.v == one->address, "%s", one->name);
        memset(&symbols, 0xa5, sizeof symbols);
    }
    for (size_t i = 0; i < kernel->symbol_count; i++) {
        struct kallsyms_wanted pair[] = {wanted[0], WANT(kernel->symbols[i].name, end, true)};
        if (strlen(pair[1].name) < 150)
            continue;
        ck_status(find(pair, 2), STATUS_NOT_FOUND); /* longer than any wanted name may be */
        break;
    }
    tear_down();
}
END_TEST

START_TEST(absolute_symbols)
{
    set_up();
    struct kallsyms_wanted pair[] = {wanted[0], WANT("cpu_tss_rw", end, true)};
    ck_status(find(pair, 2), STATUS_OK);
    ck_assert_uint_eq(symbols.end.v, 0x6000);
    tear_down();
}
END_TEST

START_TEST(missing_symbols)
{
    set_up();
    struct kallsyms_wanted pair[] = {wanted[0], WANT("init_ne", end, true)};
    ck_status(find(pair, 2), STATUS_NOT_FOUND);
    pair[1].name = "init_nett";
    ck_status(find(pair, 2), STATUS_NOT_FOUND);
    pair[1].name = "";
    ck_status(find(pair, 2), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(evidence.what);
    tear_down();
}
END_TEST

/* One store into the tables, and whether the symbols can still be found. */
static const struct {
    const char *what;
    size_t table; /* offset in struct kallsyms_tables */
    uint32_t at;
    unsigned width;
    uint64_t value;
    bool survives;
} lies[] = {
    {"no symbols", offsetof(struct kallsyms_tables, num_syms), 0, 4, 0, false},
    {"too many symbols", offsetof(struct kallsyms_tables, num_syms), 0, 4, 0xffffffff, false},
    {"one symbol", offsetof(struct kallsyms_tables, num_syms), 0, 4, 1, false},
    {"more symbols than names", offsetof(struct kallsyms_tables, num_syms), 0, 4, 1 << 20, true},
    {"token outside the table", offsetof(struct kallsyms_tables, token_index), 2 * 'i', 2, 0xfff0,
     false},
    {"last token outside", offsetof(struct kallsyms_tables, token_index), 2 * 255, 2, 0xffff,
     false},
    {"entry of length 0", offsetof(struct kallsyms_tables, names), 0, 1, 0, false},
    {"entry as long as can be", offsetof(struct kallsyms_tables, names), 0, 2, 0xffff, false},
};

START_TEST(lies_are_refused)
{
    set_up();
    struct gva at;
    memcpy(&at, (const unsigned char *)&tables + lies[_i].table, sizeof at);
    guest_put(&guest.scenario.image, at.v + lies[_i].at, &lies[_i].value, lies[_i].width);
    ck_assert_msg((find(wanted, 3) == STATUS_OK) == lies[_i].survives, "%s", lies[_i].what);
    tear_down();
}
END_TEST

START_TEST(tables_that_are_nowhere)
{
    set_up();
    struct gva *const addresses[] = {&tables.names,       &tables.num_syms, &tables.token_table,
                                     &tables.token_index, &tables.offsets,  &tables.relative_base};
    for (size_t i = 0; i < 6; i++) {
        struct gva before = *addresses[i];
        *addresses[i] = gva(0xffffdead00000000ULL);
        ck_status(find(wanted, WANTED), STATUS_UNMAPPED);
        *addresses[i] = gva(UINT64_MAX - 1);
        ck_assert_int_ne(find(wanted, WANTED), STATUS_OK);
        *addresses[i] = before;
    }
    tear_down();
}
END_TEST

/* A token table of nothing but one endless string. */
START_TEST(tokens_without_an_end)
{
    set_up();
    unsigned char endless[2048];
    memset(endless, 'x', sizeof endless);
    guest_put(&guest.scenario.image, tables.token_table.v, endless, sizeof endless);
    ck_assert_int_ne(find(wanted, WANTED), STATUS_OK);
    tear_down();
}
END_TEST

START_TEST(budget_ends_anywhere)
{
    bool passed = false;
    set_up();
    guest.layout.space.windows[0].size = 0; /* walks cost, so that there is more to run out of */
    for (uint64_t units = 0; units < 1000 && !passed; units++) {
        guest.budget = budget_of(units);
        memset(&symbols, 0xa5, sizeof symbols);
        enum status status = find(wanted, WANTED);
        passed = status == STATUS_OK;
        ck_assert(passed || status == STATUS_BUDGET);
        ck_assert(!passed || symbols.init_net.v == guest.layout.symbols.init_net.v);
    }
    ck_assert(passed);
    tear_down();
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("kallsyms");
    TCase *tests = tcase_create("kallsyms");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, symbols_of_all_styles, 0, 4);
    tcase_add_test(tests, every_name_decodes);
    tcase_add_test(tests, absolute_symbols);
    tcase_add_test(tests, missing_symbols);
    tcase_add_loop_test(tests, lies_are_refused, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, tables_that_are_nowhere);
    tcase_add_test(tests, tokens_without_an_end);
    tcase_add_test(tests, budget_ends_anywhere);
    suite_add_tcase(suite, tests);
    return suite;
}
