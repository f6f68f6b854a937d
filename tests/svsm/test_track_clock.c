/* svsm/track/clock.h: a scan each period, L2 gets its turn, gaps are told. */
#include "track/clock.h"

#include "suite.h"

enum {
    PERIOD = 1000
};

/* A scan in one go. */
static void track_scanned(struct track_clock *clock, uint64_t start, uint64_t end)
{
    track_scan_begun(clock, start);
    track_scan_ended(clock, end, end - start);
}

START_TEST(due_at_once_and_then_each_period)
{
    struct track_clock clock = track_clock_of(PERIOD, 50);
    ck_assert(!track_due(&clock, 49));
    ck_assert(track_due(&clock, 50));
    track_scanned(&clock, 60, 70);
    ck_assert_uint_eq(clock.next, 60 + PERIOD);
    ck_assert(!track_due(&clock, 59 + PERIOD));
    ck_assert(track_due(&clock, 60 + PERIOD));
    ck_assert_uint_eq(clock.scans, 1);
    ck_assert_uint_eq(clock.longest_gap, 0);
}
END_TEST

START_TEST(gaps_are_the_longest)
{
    struct track_clock clock = track_clock_of(PERIOD, 0);
    track_l2_ran(&clock, 77777); /* before the first scan: no gap */
    track_scanned(&clock, 100, 110);
    track_l2_ran(&clock, 600);
    track_l2_ran(&clock, 300);
    track_scanned(&clock, 1300, 1310);
    ck_assert_uint_eq(clock.longest_gap, 1200);
    ck_assert_uint_eq(clock.longest_gap_l2, 900);
    track_l2_ran(&clock, 950);
    track_scanned(&clock, 2300, 2310);
    ck_assert_uint_eq(clock.longest_gap, 1200);
    ck_assert_uint_eq(clock.longest_gap_l2, 950);
    ck_assert_uint_eq(clock.scans, 3);
}
END_TEST

/* Whatever a scan took, L2 then has as long, or what is left of the period when that is more. */
START_TEST(l2_gets_its_turn)
{
    for (uint64_t took = 0; took < (uint64_t)3 * PERIOD; took += 100) {
        struct track_clock clock = track_clock_of(PERIOD, 0);
        track_scanned(&clock, 5000, 5000 + took);
        ck_assert_uint_gt(clock.next, 5000 + took);
        ck_assert_uint_ge(clock.next - (5000 + took), took);
        ck_assert_uint_eq(clock.next, 5000 + (2 * took < PERIOD ? (uint64_t)PERIOD : 2 * took));
    }
}
END_TEST

/* Of a scan in slices only the last is still to be made good: L2 ran in between. */
START_TEST(slices)
{
    struct track_clock clock = track_clock_of(PERIOD, 0);
    track_scan_begun(&clock, 100);
    track_postpone(&clock, 200, 100);
    ck_assert(!track_due(&clock, 299));
    track_l2_ran(&clock, 100);
    ck_assert(track_due(&clock, 300));
    track_scan_ended(&clock, 350, 50);
    ck_assert_uint_eq(clock.next, 100 + PERIOD);
    track_l2_ran(&clock, 750);
    track_scan_begun(&clock, 1100);
    ck_assert_uint_eq(clock.longest_gap, 1000);
    ck_assert_uint_eq(clock.longest_gap_l2, 850);
    track_scan_ended(&clock, 5000, 70);
    ck_assert_uint_eq(clock.next, 5070);
}
END_TEST

START_TEST(postponed)
{
    struct track_clock clock = track_clock_of(PERIOD, 0);
    track_postpone(&clock, 100, 30);
    ck_assert(!track_due(&clock, 129));
    ck_assert(track_due(&clock, 130));
    ck_assert_uint_eq(clock.scans, 0);
}
END_TEST

START_TEST(the_end_of_time_is_never)
{
    struct track_clock clock = track_clock_of(UINT64_MAX, 10);
    track_scanned(&clock, 20, 30);
    ck_assert_uint_eq(clock.next, UINT64_MAX);
    track_postpone(&clock, UINT64_MAX - 1, 5);
    ck_assert_uint_eq(clock.next, UINT64_MAX);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("track_clock");
    TCase *tests = tcase_create("track_clock");
    tcase_add_test(tests, due_at_once_and_then_each_period);
    tcase_add_test(tests, gaps_are_the_longest);
    tcase_add_test(tests, l2_gets_its_turn);
    tcase_add_test(tests, slices);
    tcase_add_test(tests, postponed);
    tcase_add_test(tests, the_end_of_time_is_never);
    suite_add_tcase(suite, tests);
    return suite;
}
