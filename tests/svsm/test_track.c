/* svsm/track on a synthetic guest: found by its registers, every endpoint told once. */
#include "track/track.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "abi/config.h"
#include "fake/host.h"
#include "fake/tracker.h"
#include "scenario.h"
#include "suite.h"
#include "track/memory.h"

enum {
    PERIOD_US = 1000
};

#define PERIOD ((uint64_t)PERIOD_US * (FAKE_HZ / 1000000))

static struct scenario guest;
static struct track_vcpu vcpu;

static void start(uint32_t mode)
{
    const struct track_options options = {.mode = mode, .period_us = PERIOD_US};
    track_init(&options);
}

static void set_up(void)
{
    struct scenario_options options = scenario_defaults();
    fake_host_reset();
    fake_tracker_reset();
    scenario_create(&guest, &options, NULL);
    fake_host.ranges[0] = guest.image.range;
    fake_host.backing[0] = guest.image.ram;
    fake_host.range_count = 1;
    vcpu = (struct track_vcpu){.cr3 = gpa(guest.image.root),
                               .cpl = 0,
                               .lstar = gva(guest.kernel.text + GUEST_SYSCALL_ENTRY)};
    start(CONFIG_MODE_SCAN);
}

static void tear_down(void)
{
    fake_host.range_count = 0; /* the RAM is the scenario's */
    scenario_destroy(&guest);
    fake_tracker_reset();
}

/* L2 runs until the deadline, and exits. */
static void next_exit(void)
{
    uint64_t deadline = track_deadline();
    ck_assert_uint_ne(deadline, UINT64_MAX);
    if (deadline > fake_tracker.now) {
        track_ran(deadline - fake_tracker.now);
        fake_tracker.now = deadline;
    }
    vcpu.now = fake_tracker.now;
    track_exit(&vcpu);
    ck_assert_uint_gt(track_deadline(), fake_tracker.now);
}

static void finish(void)
{
    const struct track_totals totals = {.exits = 12, .l2_ticks = 5000000};
    track_summary(&totals);
}

static unsigned count(const char *text)
{
    unsigned found = 0;
    for (const char *at = fake_tracker.output; (at = strstr(at, text)) != NULL; at++)
        found++;
    return found;
}

/* The value behind a key of the summary, which is the last line. */
static unsigned long long summed(const char *key)
{
    char quoted[64];
    const char *line = strstr(fake_tracker.output, "{\"event.action\":\"summary\"");
    ck_assert_ptr_nonnull(line);
    (void)snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(line, quoted);
    ck_assert_msg(at != NULL, "no %s in %s", key, line);
    return strtoull(at + strlen(quoted), NULL, 10);
}

static void put_endpoint(char *to, size_t size, const char *key, const unsigned char *address,
                         unsigned version, unsigned port)
{
    char text[INET6_ADDRSTRLEN];
    ck_assert_ptr_nonnull(inet_ntop(version == 4 ? AF_INET : AF_INET6, address, text, sizeof text));
    (void)snprintf(to, size, version == 4 ? "\"%s\":\"%s:%u\"" : "\"%s\":\"[%s]:%u\"", key, text,
                   port);
}

/* How often a line has this action and the tuple of the record. */
static unsigned told(const char *action, const struct socket_record *record)
{
    const struct socket_tuple *tuple = &record->tuple;
    char head[64];
    char local[96];
    char both[192];
    unsigned found = 0;
    put_endpoint(local, sizeof local, "l", tuple->local, tuple->ip_version, tuple->local_port);
    put_endpoint(both, sizeof both, "r", tuple->remote, tuple->ip_version, tuple->remote_port);
    (void)snprintf(head, sizeof head, "{\"event.action\":\"%s\"", action);
    for (const char *at = fake_tracker.output; (at = strstr(at, head)) != NULL; at++) {
        const char *end = strchr(at, '\n');
        const char *l = strstr(at, local);
        const char *r = strstr(at, both);
        found += end != NULL && l != NULL && l < end && r != NULL && r < end ? 1 : 0;
    }
    return found;
}

static bool is_flow(const struct socket_record *record)
{
    return record->state != TCP_STATE_LISTEN && record->object != SOCKET_REQUEST;
}

static unsigned flows_of_truth(void)
{
    unsigned flows = 0;
    for (size_t i = 0; i < guest.truth_count; i++)
        flows += is_flow(&guest.truth[i]) ? 1 : 0;
    return flows;
}

START_TEST(every_endpoint_is_opened_once)
{
    for (unsigned i = 0; i < 5; i++)
        next_exit();
    ck_assert_uint_eq(count("\"kernel-found\""), 1);
    ck_assert_uint_eq(count("\"release\":\"6.1.0-synthetic-amd64\""), 1);
    for (size_t i = 0; i < guest.truth_count; i++)
        ck_assert_uint_eq(told("flow-opened", &guest.truth[i]), is_flow(&guest.truth[i]) ? 1 : 0);
    ck_assert_uint_eq(count("\"flow-opened\""), flows_of_truth());
    ck_assert_uint_eq(count("\"flow-updated\""), 2);
    ck_assert_uint_eq(count("\"flow-closed\""), 0);
    finish();
    ck_assert_uint_eq(summed("scans"), 6);
    ck_assert_uint_eq(summed("opened"), flows_of_truth());
    ck_assert_uint_eq(summed("open"), flows_of_truth());
    ck_assert_uint_eq(summed("unkeyed"), 0);
    ck_assert_uint_eq(summed("incomplete"), 0);
    ck_assert_uint_eq(summed("exits"), 12);
    ck_assert_uint_eq(summed("l2_us"), 5000);
}
END_TEST

/* How often that text stands in the line of an opening, of the record's tuple. */
static unsigned told_with(const struct socket_record *record, const char *text)
{
    char end[96];
    unsigned found = 0;
    put_endpoint(end, sizeof end, "l", record->tuple.local, record->tuple.ip_version,
                 record->tuple.local_port);
    const char *at = fake_tracker.output;
    while ((at = strstr(at, "{\"event.action\":\"flow-opened\"")) != NULL) {
        const char *stop = strchr(at, '\n');
        const char *local = strstr(at, end);
        const char *said = strstr(at, text);
        found += local != NULL && local < stop && said != NULL && said < stop ? 1 : 0;
        at = stop;
    }
    return found;
}

/* A full socket's user and payload come with its opening; they are not read again meanwhile. */
START_TEST(details_come_with_the_opening)
{
    struct socket_record record = scenario_plain(5000);
    char uid[32];
    next_exit();
    next_exit();
    record.has_inode = record.has_counters = true;
    record.uid = 1234567;
    record.counters.bytes_sent = 777;
    record.counters.bytes_acked = 778;
    const struct socket_record *open = scenario_add(&guest, 0, 0, record);
    next_exit();
    (void)snprintf(uid, sizeof uid, "\"uid\":%u", open->uid);
    ck_assert_uint_eq(told_with(open, "\"dir\":\"out\""), 1);
    ck_assert_uint_eq(told_with(open, "\"sent\":777,"), 1);
    ck_assert_uint_eq(told_with(open, uid), 1);
}
END_TEST

static void unlink_socket(const struct socket_record *record)
{
    struct guest_image *image = &guest.image;
    uint64_t node = tcp_node(&guest.kernel, record->sock.v);
    uint64_t cell = guest_get_u64(image, node + 8);
    uint64_t next = guest_get_u64(image, node);
    guest_put_u64(image, cell, next);
    if ((next & 1) == 0)
        guest_put_u64(image, next + 8, cell);
}

START_TEST(a_connection_comes_waits_and_goes)
{
    struct socket_record record = scenario_plain(5000);
    next_exit();
    next_exit();
    struct socket_record open = *scenario_add(&guest, 0, 0, record);
    next_exit();
    unlink_socket(&open);
    record.object = SOCKET_TIME_WAIT;
    record.state = TCP_STATE_TIME_WAIT;
    record.sequence = 99;
    struct socket_record late = *scenario_add(&guest, 0, 0, record);
    next_exit();
    unlink_socket(&late);
    next_exit();
    next_exit();
    ck_assert_uint_eq(told("flow-opened", &record), 1);
    ck_assert_uint_eq(told("flow-updated", &record), 1);
    ck_assert_uint_eq(told("flow-closed", &record), 1);
    ck_assert_uint_eq(count("\"flow-closed\""), 1);
}
END_TEST

/* A walk that cannot see all must not take what it misses for closed. */
START_TEST(a_fault_closes_nothing)
{
    next_exit();
    next_exit();
    fake_tracker.fault_from = guest.image.ram + guest_physical(&guest.image, guest.nets[0].ehash);
    fake_tracker.fault_to = fake_tracker.fault_from + 8;
    next_exit();
    ck_assert_uint_eq(count("\"flow-closed\""), 0);
    fake_tracker.fault_to = fake_tracker.fault_from;
    next_exit();
    finish();
    ck_assert_uint_eq(summed("incomplete"), 1);
    ck_assert_uint_gt(summed("faults"), 0);
    ck_assert_uint_eq(summed("opened"), flows_of_truth());
}
END_TEST

START_TEST(scans_keep_their_period)
{
    fake_tracker.step = 1000;
    for (unsigned i = 0; i < 20; i++)
        next_exit();
    finish();
    ck_assert_uint_eq(summed("scans"), 21);
    ck_assert_uint_eq(summed("period_us"), PERIOD_US);
    ck_assert_uint_ge(summed("longest_gap_us"), PERIOD_US);
    ck_assert_uint_le(summed("longest_gap_us"), PERIOD_US + 10);
    ck_assert_uint_le(summed("longest_gap_l2_us"), PERIOD_US);
}
END_TEST

/* The kernel is looked for in kernel mode only, once LSTAR is set. */
START_TEST(too_early_for_an_attempt)
{
    vcpu.cpl = 3;
    next_exit();
    vcpu.cpl = 0;
    vcpu.lstar.v = 0;
    next_exit();
    finish();
    ck_assert_uint_eq(summed("attempts"), 0);
    ck_assert_uint_eq(summed("scans"), 0);
    ck_assert_uint_eq(count("\"not_found\""), 1);
}
END_TEST

/* Attempts that fail take at most a tenth of the time. */
START_TEST(attempts_rest)
{
    vcpu.lstar.v += 8;
    fake_tracker.step = 40000000; /* ticks that an attempt takes, at least */
    uint64_t begin = fake_tracker.now;
    for (unsigned i = 0; i < 10; i++)
        next_exit();
    uint64_t all = track_deadline() - begin;
    fake_tracker.step = 1;
    finish();
    ck_assert_uint_eq(summed("attempts"), 10);
    ck_assert_uint_le(summed("attempts_us") * 10, all / (FAKE_HZ / 1000000));
    ck_assert_uint_eq(count("\"not_found\":\"entry_SYSCALL_64 against LSTAR\""), 1);
    ck_assert_uint_eq(count("\"flow-opened\""), 0);
}
END_TEST

START_TEST(a_later_attempt_succeeds)
{
    uint64_t root = vcpu.cr3.v;
    vcpu.cr3 = gpa(0);
    next_exit();
    vcpu.cr3 = gpa(root);
    next_exit();
    finish();
    ck_assert_uint_eq(summed("attempts"), 2);
    ck_assert_uint_eq(summed("opened"), flows_of_truth());
}
END_TEST

/* Once found, the kernel is walked from whatever state L2 exits in. */
START_TEST(scans_need_no_registers)
{
    next_exit();
    vcpu = (struct track_vcpu){.cpl = 3};
    next_exit();
    finish();
    ck_assert_uint_eq(summed("scans"), 3);
}
END_TEST

/* A scan that takes longer than a slice leaves L2 its turns, and sees the same. */
START_TEST(long_scans_are_cut)
{
    next_exit();
    uint64_t scans = 0;
    fake_tracker.step = (uint64_t)2 * FAKE_HZ / 1000; /* each look at the clock: 2 ms */
    for (unsigned i = 0; i < 40; i++)
        next_exit();
    fake_tracker.step = 1;
    finish();
    scans = summed("scans");
    ck_assert_uint_gt(scans, 2);
    ck_assert_uint_gt(summed("slices"), 2 * scans);
    ck_assert_uint_eq(summed("incomplete"), 0);
    ck_assert_uint_eq(summed("closed"), 0);
    ck_assert_uint_eq(summed("opened"), flows_of_truth());
}
END_TEST

START_TEST(off_is_off)
{
    tear_down();
    set_up();
    start(CONFIG_MODE_OFF);
    ck_assert_uint_eq(track_deadline(), UINT64_MAX);
    vcpu.now = UINT64_MAX;
    track_ran(5);
    track_exit(&vcpu);
    ck_assert_uint_eq(fake_tracker.written, 0);
    finish();
    ck_assert_uint_eq(count("\n"), 1);
    ck_assert_uint_eq(summed("scans"), 0);
}
END_TEST

START_TEST(an_early_call_does_nothing)
{
    next_exit();
    size_t written = fake_tracker.written;
    uint64_t deadline = track_deadline();
    vcpu.now = deadline - 1;
    track_exit(&vcpu);
    ck_assert_uint_eq(fake_tracker.written, written);
    ck_assert_uint_eq(track_deadline(), deadline);
}
END_TEST

START_TEST(all_its_room_is_small)
{
    ck_assert_uint_le(fake_tracker.taken, 13 << 20);
    fake_tracker.room = 1 << 20;
    ck_assert(FAKE_GIVES_UP(start(CONFIG_MODE_SCAN)));
    ck_assert_ptr_nonnull(strstr(fake_host.fatal, "too little memory"));
}
END_TEST

START_TEST(memory_is_what_l2_has)
{
    struct guestmem memory = track_memory();
    unsigned char bytes[64];
    uint64_t end = guest.image.range.size;
    ck_assert_uint_eq(memory.end, end);
    ck_assert_uint_eq(memory.range_count, 1);
    ck_assert_int_eq(guestmem_read(&memory, gpa(end - 64), bytes, 64), STATUS_OK);
    ck_assert_mem_eq(bytes, guest.image.ram + end - 64, 64);
    ck_assert_int_eq(guestmem_read(&memory, gpa(end - 63), bytes, 64), STATUS_OUTSIDE);
    ck_assert_int_eq(guestmem_read(&memory, gpa(UINT64_MAX), bytes, 2), STATUS_OUTSIDE);
    fake_tracker.fault_from = guest.image.ram + 4096;
    fake_tracker.fault_to = guest.image.ram + 8192;
    ck_assert_int_eq(guestmem_read(&memory, gpa(4095), bytes, 2), STATUS_OUTSIDE);
    fake_host.backing[0] = NULL; /* not accepted */
    ck_assert_int_eq(guestmem_read(&memory, gpa(0), bytes, 1), STATUS_OUTSIDE);
    fake_host.backing[0] = guest.image.ram;
    fake_host.range_count = 0;
    ck_assert_uint_eq(track_memory().end, 0);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("track");
    TCase *tests = tcase_create("track");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, every_endpoint_is_opened_once);
    tcase_add_test(tests, details_come_with_the_opening);
    tcase_add_test(tests, a_connection_comes_waits_and_goes);
    tcase_add_test(tests, a_fault_closes_nothing);
    tcase_add_test(tests, scans_keep_their_period);
    tcase_add_test(tests, too_early_for_an_attempt);
    tcase_add_test(tests, attempts_rest);
    tcase_add_test(tests, a_later_attempt_succeeds);
    tcase_add_test(tests, scans_need_no_registers);
    tcase_add_test(tests, long_scans_are_cut);
    tcase_add_test(tests, off_is_off);
    tcase_add_test(tests, an_early_call_does_nothing);
    tcase_add_test(tests, all_its_room_is_small);
    tcase_add_test(tests, memory_is_what_l2_has);
    suite_add_tcase(suite, tests);
    return suite;
}
