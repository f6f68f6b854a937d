/* guestmem/view.h: a long table read through a small buffer gives the same bytes. */
#include "guestmem/view.h"
#include "unit.h"

enum {
    TABLE = 3 * VIEW_BUFFER + 500
};

static struct unit_guest guest;
static unsigned char table[TABLE];
static struct gva base;
static struct view view;

static void set_up(void)
{
    struct scenario_options options = scenario_defaults();
    options.no_sockets = true;
    unit_guest_make(&guest, &options);
    for (size_t i = 0; i < sizeof table; i++)
        table[i] = (unsigned char)(i * 31 + i / 251);
    base = gva(guest_vmalloc(&guest.scenario.image, TABLE) + 40);
    guest_put(&guest.scenario.image, base.v, table, TABLE);
    view_open(&view, &guest.layout.space, &guest.budget, base, TABLE);
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

START_TEST(any_piece_is_the_table_s)
{
    static const struct {
        uint64_t at;
        size_t length;
    } pieces[] = {{0, 1},
                  {1, 100},
                  {VIEW_BUFFER - 1, 2},
                  {TABLE - 1, 1},
                  {0, VIEW_BUFFER},
                  {50, 10},
                  {2 * VIEW_BUFFER + 5, VIEW_BUFFER},
                  {49, 10},
                  {TABLE - VIEW_BUFFER, VIEW_BUFFER}};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        const unsigned char *bytes;
        ck_status(view_bytes(&view, pieces[i].at, pieces[i].length, &bytes), STATUS_OK);
        ck_assert_mem_eq(bytes, table + pieces[i].at, pieces[i].length);
    }
}
END_TEST

START_TEST(sequential_reading_is_cheap)
{
    const unsigned char *bytes;
    for (uint64_t at = 0; at + 4 <= TABLE; at += 4)
        ck_status(view_bytes(&view, at, 4, &bytes), STATUS_OK);
    /* Two pages a buffer, each a walk of at most 4 entries and a read. */
    ck_assert_uint_le(guest.watched.reads, (TABLE / VIEW_BUFFER + 2) * 10UL);
}
END_TEST

START_TEST(pieces_outside_are_truncated)
{
    const unsigned char *bytes = NULL;
    ck_status(view_bytes(&view, TABLE, 1, &bytes), STATUS_TRUNCATED);
    ck_status(view_bytes(&view, TABLE - 1, 2, &bytes), STATUS_TRUNCATED);
    ck_status(view_bytes(&view, UINT64_MAX, 2, &bytes), STATUS_TRUNCATED);
    ck_status(view_bytes(&view, 0, VIEW_BUFFER + 1, &bytes), STATUS_TRUNCATED);
    ck_assert_ptr_null(bytes);
}
END_TEST

/* What follows the wanted bytes may be missing: that must not fail the read of the wanted ones. */
START_TEST(a_hole_behind_the_piece_does_not_matter)
{
    const unsigned char *bytes = NULL;
    view_open(&view, &guest.layout.space, &guest.budget, base, 1 << 20);
    ck_status(view_bytes(&view, TABLE - 20, 20, &bytes), STATUS_OK);
    ck_assert_mem_eq(bytes, table + TABLE - 20, 20);
    bytes = NULL;
    ck_status(view_bytes(&view, 1 << 19, 4, &bytes), STATUS_UNMAPPED);
    ck_assert_ptr_null(bytes);
    ck_status(view_bytes(&view, 0, 4, &bytes), STATUS_OK);
    ck_assert_mem_eq(bytes, table, 4);
}
END_TEST

START_TEST(budget_ends_anywhere)
{
    for (uint64_t units = 0; units < 12; units++) {
        const unsigned char *bytes = NULL;
        struct budget budget = budget_of(units);
        view_open(&view, &guest.layout.space, &budget, base, TABLE);
        enum status status = view_bytes(&view, 100, VIEW_BUFFER, &bytes);
        ck_assert(status == STATUS_OK || (status == STATUS_BUDGET && bytes == NULL));
        ck_assert_int_eq(status == STATUS_OK, units >= 10); /* 2 pages of 4 entries and a read */
    }
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("view");
    TCase *tests = tcase_create("view");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, any_piece_is_the_table_s);
    tcase_add_test(tests, sequential_reading_is_cheap);
    tcase_add_test(tests, pieces_outside_are_truncated);
    tcase_add_test(tests, a_hole_behind_the_piece_does_not_matter);
    tcase_add_test(tests, budget_ends_anywhere);
    suite_add_tcase(suite, tests);
    return suite;
}
