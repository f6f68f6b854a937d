/* kernel/discover.h: a kernel is found whatever its layout, and nothing else is taken for one. */
#include <stdio.h>

#include "kernel/discover.h"
#include "unit.h"

struct search {
    struct kernel_hits notes;
    struct kernel_hits tokens;
    struct kernel_layout layout;
    struct kernel_report report;
};

static enum status search(const struct guestmem *memory, struct search *search)
{
    struct budget budget = budget_of(UNIT_PLENTY);
    struct kernel_workspace *room = malloc(kernel_workspace_size());
    ck_assert_ptr_nonnull(room);
    ck_status(kernel_scan_notes(memory, &budget, &search->notes), STATUS_OK);
    ck_status(kernel_scan_tokens(memory, &budget, &search->tokens), STATUS_OK);
    memset(&search->layout, 0xa5, sizeof search->layout);
    enum status status = kernel_discover(memory, &search->notes, &search->tokens, UNIT_PLENTY, room,
                                         &search->layout, &search->report);
    if (status != STATUS_OK)
        ck_assert(unit_all_bytes(&search->layout, sizeof search->layout, 0xa5));
    free(room);
    return status;
}

/* Number of the first member that differs, or of all. */
static size_t first_wrong(const struct kernel_members *found, const struct kernel_members *truth)
{
    const uint32_t *a = (const uint32_t *)found;
    const uint32_t *b = (const uint32_t *)truth;
    size_t i = 0;
    while (i < sizeof *truth / sizeof *b && a[i] == b[i])
        i++;
    return i;
}

static void check_members(const struct kernel_layout *found, const struct kernel_layout *truth)
{
    ck_assert_uint_eq(first_wrong(&found->members, &truth->members),
                      sizeof truth->members / sizeof(uint32_t));
    ck_assert(memcmp(found->counters, truth->counters, sizeof truth->counters) == 0);
    ck_assert(memcmp(&found->symbols, &truth->symbols, sizeof truth->symbols) == 0);
}

static void check_layout(const struct kernel_layout *found, const struct scenario *scenario)
{
    struct kernel_layout truth = scenario_layout(scenario, NULL);
    check_members(found, &truth);
    ck_assert(found->note.v == truth.note.v && found->image.v == truth.image.v);
    ck_assert(found->space.root.v == truth.space.root.v &&
              found->space.levels == truth.space.levels);
    ck_assert_str_eq(found->release, truth.release);
}

static void vary_memory(int i, struct scenario_options *o)
{
    switch (i) {
    case 1:
        o->levels = 5;
        break;
    case 2:
        o->kaslr = 0;
        break;
    case 3:
        o->page_offset = 0xffff9c0340000000ULL;
        break;
    case 4:
        o->direct_leaf = 1 << 30;
        break;
    case 5:
        o->direct_leaf = 4096;
        break;
    case 6:
        o->image_pa = 2 << 20;
        o->kaslr = 0x3e000000;
        break;
    default:
        break;
    }
}

static void vary_contents(int i, struct scenario_options *o)
{
    switch (i) {
    case 7:
        o->scheme = KALLSYMS_RELATIVE;
        break;
    case 8:
        o->order = KALLSYMS_OFFSETS_LAST;
        break;
    case 9:
        o->fillers = 12000;
        o->padding = 8000;
        break;
    case 10:
        o->variant = 1;
        break;
    case 11:
        o->levels = 5;
        o->variant = 1;
        o->scheme = KALLSYMS_RELATIVE;
        o->order = KALLSYMS_OFFSETS_LAST;
        o->page_offset = 0xff3a4c1240000000ULL;
        break;
    default:
        break;
    }
}

/* What can differ between kernels, each from the default once, then much of it together. */
static struct scenario_options variation(int i)
{
    struct scenario_options options = scenario_defaults();
    vary_memory(i, &options);
    vary_contents(i, &options);
    return options;
}

enum {
    VARIATIONS = 12
};

START_TEST(kernel_with_a_note_is_found)
{
    struct scenario_options options = variation(_i);
    struct unit_guest guest;
    struct search found;
    unit_guest_make(&guest, &options);
    enum status status = search(&guest.memory, &found);
    ck_assert_msg(status == STATUS_OK, "%s at stage %u: %s 0x%llx", status_name(status),
                  found.report.furthest, found.report.evidence.what,
                  (unsigned long long)found.report.evidence.at);
    check_layout(&found.layout, &guest.scenario);
    ck_assert_uint_eq(found.notes.count, 1);
    ck_assert_uint_eq(found.report.candidate_count, 1);
    ck_assert_uint_eq(found.report.candidates[0].at.v, guest.scenario.kernel.note);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(kernel_without_a_note_is_found)
{
    struct scenario_options options = variation(_i);
    struct unit_guest guest;
    struct search found;
    options.note = false;
    unit_guest_make(&guest, &options);
    enum status status = search(&guest.memory, &found);
    ck_assert_msg(status == STATUS_OK, "%s at stage %u: %s 0x%llx", status_name(status),
                  found.report.furthest, found.report.evidence.what,
                  (unsigned long long)found.report.evidence.at);
    check_layout(&found.layout, &guest.scenario);
    ck_assert_uint_eq(found.notes.count, 0);
    unit_guest_free(&guest);
}
END_TEST

/* Two guests in one RAM, each complete in its own pages. */
static void two_kernels(bool note, struct unit_guest *guest, struct scenario *second)
{
    struct scenario_options options = scenario_defaults();
    options.ram_size = 32 * SCENARIO_MIB;
    options.note = note;
    unit_guest_make(guest, &options);
    options.variant = 1;
    options.image_pa = 20 * SCENARIO_MIB;
    options.pages_from = 24 * SCENARIO_MIB;
    options.pages_to = 32 * SCENARIO_MIB;
    scenario_create(second, &options, &guest->scenario);
}

START_TEST(two_complete_kernels_are_ambiguous)
{
    struct unit_guest guest;
    struct scenario second;
    struct search found;
    two_kernels(_i == 0, &guest, &second);
    ck_status(search(&guest.memory, &found), STATUS_AMBIGUOUS);
    ck_assert_uint_eq(found.report.candidate_count, 2);
    ck_assert_str_ne(found.report.candidates[0].release, found.report.candidates[1].release);
    scenario_destroy(&second);
    unit_guest_free(&guest);
}
END_TEST

/* A guest user can plant a kernel with a note beside a real one that has none, or the reverse. */
START_TEST(a_note_wins_over_tokens_alone)
{
    struct unit_guest guest;
    struct scenario second;
    struct search found;
    two_kernels(true, &guest, &second);
    memset(guest.scenario.image.ram + second.kernel.note, 0, 4096);
    ck_status(search(&guest.memory, &found), STATUS_OK);
    ck_assert_uint_eq(found.layout.note.v, guest.scenario.kernel.note);
    scenario_destroy(&second);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(forged_notes_are_passed_over)
{
    struct scenario_options options = scenario_defaults();
    struct unit_guest guest;
    struct search found;
    unit_guest_make(&guest, &options);
    unsigned char *ram = guest.scenario.image.ram;
    memcpy(ram + 0x1000, ram + guest.scenario.kernel.note, 4096); /* a stale copy */
    struct buffer note = {0};
    vmcoreinfo_write_text(&note, "OSRELEASE=forged\nNUMBER(phys_base)=0\n");
    memcpy(ram + 0x2000, note.bytes, note.size);
    buffer_free(&note);
    ck_status(search(&guest.memory, &found), STATUS_OK);
    ck_assert_uint_eq(found.notes.count, 3);
    check_layout(&found.layout, &guest.scenario);
    unit_guest_free(&guest);
}
END_TEST

/* A process can fill pages with copies of the note: that must not buy it much of our time. */
START_TEST(copies_of_the_note_cost_little)
{
    enum {
        COPIES = 1000
    };
    struct scenario_options options = scenario_defaults();
    struct unit_guest guest;
    struct search found;
    options.ram_size = 32 * SCENARIO_MIB;
    unit_guest_make(&guest, &options);
    unsigned char *ram = guest.scenario.image.ram;
    ck_status(search(&guest.memory, &found), STATUS_OK);
    uint64_t alone = guest.watched.reads;
    for (unsigned i = 0; i < COPIES; i++)
        memcpy(ram + options.pages_to + (size_t)4096 * i, ram + guest.scenario.kernel.note, 4096);
    ck_status(search(&guest.memory, &found), STATUS_OK);
    ck_assert_uint_eq(found.notes.count, COPIES + 1);
    ck_assert_uint_le(guest.watched.reads - alone, 2 * alone + COPIES);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(hits_beyond_the_room_are_counted)
{
    enum {
        COPIES = KERNEL_HITS_MAX + 10
    };
    struct scenario_options options = scenario_defaults();
    struct unit_guest guest;
    struct kernel_hits hits;
    options.ram_size = 32 * SCENARIO_MIB;
    unit_guest_make(&guest, &options);
    unsigned char *ram = guest.scenario.image.ram;
    for (unsigned i = 0; i < COPIES; i++)
        memcpy(ram + options.pages_to + (size_t)4096 * i, ram + guest.scenario.kernel.note, 4096);
    ck_status(kernel_scan_notes(&guest.memory, &guest.budget, &hits), STATUS_OK);
    ck_assert_uint_eq(hits.count, KERNEL_HITS_MAX);
    ck_assert_uint_eq(hits.missed, 11);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(memory_without_linux_has_none)
{
    struct scenario_options options = scenario_defaults();
    struct unit_guest guest;
    struct search found;
    uint32_t noise = 1;
    unit_guest_make(&guest, &options);
    for (uint64_t i = 0; i < options.ram_size; i++) {
        noise = noise * 1664525 + 1013904223;
        guest.scenario.image.ram[i] = _i == 0 ? 0 : (unsigned char)(noise >> 24);
    }
    ck_status(search(&guest.memory, &found), STATUS_NOT_FOUND);
    ck_assert_uint_eq(found.report.candidate_count, 0);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(scans_stay_within_their_budget)
{
    struct scenario_options options = scenario_defaults();
    struct unit_guest guest;
    struct kernel_hits hits;
    unit_guest_make(&guest, &options);
    for (uint64_t units = 0; units < 5; units++) {
        struct budget budget = budget_of(units);
        ck_status(kernel_scan_notes(&guest.memory, &budget, &hits), STATUS_BUDGET);
        ck_assert_uint_eq(budget.used, units);
        budget = budget_of(units);
        ck_status(kernel_scan_tokens(&guest.memory, &budget, &hits), STATUS_BUDGET);
    }
    struct budget exact = budget_of(options.ram_size / 4096);
    ck_status(kernel_scan_notes(&guest.memory, &exact, &hits), STATUS_OK);
    ck_assert_uint_eq(exact.left, 0);
    unit_guest_free(&guest);
}
END_TEST

START_TEST(attempts_end_with_their_budget)
{
    struct scenario_options options = scenario_defaults();
    struct unit_guest guest;
    struct search found;
    struct kernel_layout layout;
    options.note = _i == 0;
    unit_guest_make(&guest, &options);
    ck_status(search(&guest.memory, &found), STATUS_OK);
    struct kernel_workspace *room = malloc(kernel_workspace_size());
    bool passed = false;
    for (uint64_t units = 0; units < 20000 && !passed; units += 1 + units / 16) {
        uint64_t before = guest.watched.reads;
        memset(&layout, 0xa5, sizeof layout);
        enum status status = kernel_discover(&guest.memory, &found.notes, &found.tokens, units,
                                             room, &layout, &found.report);
        passed = status == STATUS_OK;
        ck_assert(passed || unit_all_bytes(&layout, sizeof layout, 0xa5));
        ck_assert_uint_le(guest.watched.reads - before, (units + 1) * (found.report.tried + 1));
    }
    ck_assert(passed);
    free(room);
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("discover");
    TCase *tests = tcase_create("discover");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, kernel_with_a_note_is_found, 0, VARIATIONS);
    tcase_add_loop_test(tests, kernel_without_a_note_is_found, 0, VARIATIONS);
    tcase_add_loop_test(tests, two_complete_kernels_are_ambiguous, 0, 2);
    tcase_add_test(tests, a_note_wins_over_tokens_alone);
    tcase_add_test(tests, forged_notes_are_passed_over);
    tcase_add_test(tests, copies_of_the_note_cost_little);
    tcase_add_test(tests, hits_beyond_the_room_are_counted);
    tcase_add_loop_test(tests, memory_without_linux_has_none, 0, 2);
    tcase_add_test(tests, scans_stay_within_their_budget);
    tcase_add_loop_test(tests, attempts_end_with_their_budget, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
