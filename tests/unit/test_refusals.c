/*
 * kernel/discover.h, closing the loop: a kernel in which one witness contradicts another, or is
 * missing, is refused, with the evidence; by the note and, where it applies, by the tokens.
 */
#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "kernel/discover.h"
#include "unit.h"

static struct unit_guest guest;
static struct kernel_hits notes, tokens;
static struct kernel_layout layout;
static struct kernel_report report;

static enum status discover(void)
{
    struct kernel_workspace *room = malloc(kernel_workspace_size());
    struct budget budget = budget_of(UNIT_PLENTY);
    ck_status(kernel_scan_notes(&guest.memory, &budget, &notes), STATUS_OK);
    ck_status(kernel_scan_tokens(&guest.memory, &budget, &tokens), STATUS_OK);
    memset(&layout, 0xa5, sizeof layout);
    enum status status =
        kernel_discover(&guest.memory, &notes, &tokens, UNIT_PLENTY, room, &layout, &report);
    ck_assert(status == STATUS_OK || unit_all_bytes(&layout, sizeof layout, 0xa5));
    free(room);
    return status;
}

static void put(uint64_t va, uint64_t value)
{
    guest_put_u64(&guest.scenario.image, va, value);
}

static const struct kernel_symbols *symbols(void)
{
    return &guest.layout.symbols;
}

/* Overwrites text of the same length in the note. */
static void edit_note(const char *from, const char *to)
{
    char *page = (char *)guest.scenario.image.ram + guest.scenario.kernel.note;
    for (size_t i = 0; i + strlen(from) <= 4096; i++)
        if (memcmp(page + i, from, strlen(from)) == 0)
            memcpy(page + i, to, strlen(to));
}

static void note_elsewhere(void)
{
    put(symbols()->vmcoreinfo_note.v, guest_direct(&guest.scenario.image, 0x3000));
}

static void note_unmapped(void)
{
    put(symbols()->vmcoreinfo_note.v, 0xffffdead00000000ULL);
}

static void other_release(void)
{
    guest_put_u8(&guest.scenario.image, symbols()->init_uts_ns.v + guest.layout.members.uts_release,
                 '7');
}

static void other_table(void)
{
    put(symbols()->init_net.v + guest.layout.members.net_hashinfo, 0xffffdead00000000ULL);
}

static void other_list(void)
{
    put(symbols()->net_namespace_list.v, 0);
}

static void no_btf(void)
{
    put(symbols()->btf_start.v, 0);
}

static void wild_direct_map(void)
{
    put(symbols()->page_offset_base.v, 0xffff900000000000ULL);
}

static void user_mapping(void)
{
    for (unsigned level = 4; level > 1; level--)
        guest.scenario.image.ram[guest_entry(&guest.scenario.image, symbols()->text.v, level)] |=
            X86_PTE_USER;
}

static void no_mapping(void)
{
    memset(guest.scenario.image.ram + guest.scenario.image.root, 0, 4096);
}

static void note_with_other_levels(void)
{
    edit_note("pgtable_l5_enabled)=0", "pgtable_l5_enabled)=1");
}

static void note_with_other_base(void)
{
    edit_note("NUMBER(phys_base)=-", "NUMBER(phys_base)=0");
}

static void note_with_other_names(void)
{
    edit_note("SYMBOL(kallsyms_names)=ffffffff", "SYMBOL(kallsyms_names)=fffffff0");
}

static void note_with_other_release(void)
{
    edit_note("OSRELEASE=6", "OSRELEASE=5");
}

/* What is changed, and whether the way without a note must refuse it too. */
static const struct {
    const char *what;
    void (*change)(void);
    bool only_note;
} refusals[] = {{"note pointer elsewhere", note_elsewhere, true},
                {"note pointer unmapped", note_unmapped, true},
                {"release", other_release, false},
                {"hash table", other_table, false},
                {"list of namespaces", other_list, false},
                {"BTF", no_btf, false},
                {"direct map", wild_direct_map, false},
                {"user mapping", user_mapping, false},
                {"no mapping", no_mapping, false},
                {"levels", note_with_other_levels, true},
                {"phys_base", note_with_other_base, true},
                {"kallsyms", note_with_other_names, true},
                {"release in the note", note_with_other_release, true}};

START_TEST(contradictions_are_refused)
{
    struct scenario_options options = scenario_defaults();
    unit_guest_make(&guest, &options);
    refusals[_i].change();
    enum status status = discover();
    /* A note that lies is passed over; the kernel may still be found by its tables. */
    if (refusals[_i].only_note && status == STATUS_OK)
        ck_assert_uint_eq(layout.note.v, 0);
    else
        ck_assert_msg(status == STATUS_NOT_FOUND, "%s: %s", refusals[_i].what, status_name(status));
    unit_guest_free(&guest);
}
END_TEST

START_TEST(refusals_carry_evidence)
{
    struct scenario_options options = scenario_defaults();
    unit_guest_make(&guest, &options);
    refusals[_i].change();
    struct kernel_workspace *room = malloc(kernel_workspace_size());
    struct budget budget = budget_of(UNIT_PLENTY);
    struct kernel_hits none = {.count = 0};
    ck_status(kernel_scan_notes(&guest.memory, &budget, &notes), STATUS_OK);
    ck_status(kernel_discover(&guest.memory, &notes, &none, UNIT_PLENTY, room, &layout, &report),
              STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(report.evidence.what);
    ck_assert_uint_eq(report.tried, 1);
    ck_assert_uint_eq(report.candidate_count, 0);
    free(room);
    unit_guest_free(&guest);
}
END_TEST

/* Spoils the tables of kallsyms where only the way without a note looks: it must refuse. */
START_TEST(spoilt_tables_are_no_kernel)
{
    struct scenario_options options = scenario_defaults();
    options.note = false;
    options.order = (enum kallsyms_order)(_i % 2);
    unit_guest_make(&guest, &options);
    const struct kallsyms_image *t = &guest.scenario.kernel.tables;
    const size_t at[] = {t->markers + 4, t->num_syms, t->names, t->token_index + (size_t)2 * '5',
                         t->relative_base + 2};
    uint64_t spoilt = guest.scenario.kernel.kallsyms + at[_i / 2];
    for (unsigned i = 0; i < 4; i++)
        guest_put_u8(&guest.scenario.image, spoilt + i, 0xff);
    ck_status(discover(), STATUS_NOT_FOUND);
    unit_guest_free(&guest);
}
END_TEST

/* Members that a hostile BTF moves out of struct sock_common, of which only that much is copied. */
static const char *const moved[] = {
    "skc_daddr",        "skc_rcv_saddr", "skc_hash",     "skc_dport",        "skc_num",
    "skc_family",       "skc_state",     "skc_net",      "skc_bound_dev_if", "skc_v6_daddr",
    "skc_v6_rcv_saddr", "skc_cookie",    "skc_listener", "skc_nulls_node",
};

/* Gives every member whose name stands at `key` of the strings another offset. */
static void move_members(unsigned char *types, size_t size, uint32_t key, uint32_t bytes)
{
    uint32_t bits = bytes * 8;
    for (size_t i = 0; i + 12 <= size; i += 4)
        if (load_le32(types + i) == key)
            memcpy(types + i + 8, &bits, sizeof bits);
}

/* The same by name, which may stand in the strings several times. */
static void move_member(const char *name, uint32_t bytes)
{
    const struct guest_image *image = &guest.scenario.image;
    uint64_t start = symbols()->btf_start.v - image->shape.image_va;
    unsigned char *btf = image->ram + image->shape.image_pa + start;
    unsigned char *types = btf + 24 + load_le32(btf + 8);
    const char *strings = (const char *)btf + 24 + load_le32(btf + 16);
    uint32_t size = load_le32(btf + 20);
    for (uint32_t at = 0; at < size; at += (uint32_t)strlen(strings + at) + 1)
        if (strcmp(strings + at, name) == 0)
            move_members(types, load_le32(btf + 12), at, bytes);
}

START_TEST(members_outside_their_structure_are_refused)
{
    struct scenario_options options = scenario_defaults();
    options.variant = (unsigned)(_i % 2);
    unit_guest_make(&guest, &options);
    uint32_t size = guest.layout.members.common_size;
    move_member(moved[_i / 4], _i / 2 % 2 == 0 ? size : 0x4000);
    ck_status(discover(), STATUS_NOT_FOUND);
    ck_assert_ptr_nonnull(report.evidence.what);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(no_hits_and_no_memory)
{
    struct scenario_options options = scenario_defaults();
    unit_guest_make(&guest, &options);
    struct kernel_workspace *room = malloc(kernel_workspace_size());
    struct guestmem empty = guest.memory;
    struct kernel_hits none = {.count = 0};
    ck_status(kernel_discover(&guest.memory, &none, &none, 1000, room, &layout, &report),
              STATUS_NOT_FOUND);
    empty.range_count = 0;
    ck_status(kernel_discover(&empty, &none, &none, 1000, room, &layout, &report),
              STATUS_NOT_FOUND);
    free(room);
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    enum {
        REFUSALS = sizeof refusals / sizeof refusals[0],
        MOVED = sizeof moved / sizeof moved[0]
    };
    Suite *suite = suite_create("refusals");
    TCase *tests = tcase_create("refusals");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, contradictions_are_refused, 0, REFUSALS);
    tcase_add_loop_test(tests, refusals_carry_evidence, 0, REFUSALS);
    tcase_add_loop_test(tests, spoilt_tables_are_no_kernel, 0, 10);
    tcase_add_loop_test(tests, members_outside_their_structure_are_refused, 0, 4 * MOVED);
    tcase_add_test(tests, no_hits_and_no_memory);
    suite_add_tcase(suite, tests);
    return suite;
}
