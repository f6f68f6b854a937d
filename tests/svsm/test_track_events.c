/* svsm/track/events.h: what a line says of a flow, and that the command reads it as it was meant.
 */
#include "track/events.h"

#include <stdlib.h>
#include <string.h>

#include "fake/tracker.h"
#include "run_event.h"
#include "run_flow.h"
#include "suite.h"
#include "track/line.h"
#include "track/output.h"

#define START_TICKS 1000

static const struct events_time at_boot = {.hz = FAKE_HZ, .start = START_TICKS};

static uint64_t ticks(uint64_t us)
{
    return START_TICKS + us * (FAKE_HZ / 1000000);
}

static void set_up(void)
{
    fake_tracker_reset();
}

/* The line of a flow, with its end. */
static const char *line_of(const struct flow_record *flow)
{
    memset(fake_tracker.output, 0, sizeof fake_tracker.output);
    fake_tracker.written = 0;
    events_flow(&at_boot, flow);
    track_flush();
    return fake_tracker.output;
}

static struct flow_record bare(enum flow_action action)
{
    return (struct flow_record){
        .action = action,
        .sequence = 9,
        .at = ticks(700),
        .opened = action == FLOW_OPENED ? 9 : 2,
        .first_seen = ticks(700),
        .last_seen = ticks(700),
        .tuple = {.local = {10, 0, 2, 15},
                  .remote = {10, 0, 2, 2},
                  .local_port = 41954,
                  .remote_port = 80,
                  .ip_version = 4},
        .netns = 4026531840U,
        .state = TCP_STATE_ESTABLISHED,
    };
}

static struct flow_record full(enum flow_action action)
{
    struct flow_record flow = bare(action);
    flow.first_seen = ticks(100);
    flow.last_seen = ticks(600);
    flow.cookie = 77;
    flow.state = TCP_STATE_FIN_WAIT2;
    flow.direction = FLOW_OUTBOUND;
    flow.opened_here = true;
    flow.close = FLOW_CLOSE_FIN_LOCAL;
    flow.has_bytes = flow.has_uid = flow.has_process = true;
    flow.sent = 1234;
    flow.received = UINT64_C(1) << 40;
    flow.uid = 1000;
    flow.pid = 4711;
    memcpy(flow.comm, "curl", 5);
    memcpy(flow.cgroup, "/user.slice", 12);
    return flow;
}

START_TEST(what_is_not_known_costs_nothing)
{
    struct flow_record flow = bare(FLOW_OPENED);
    ck_assert_str_eq(line_of(&flow),
                     "{\"event.action\":\"flow-opened\",\"event.sequence\":9,\"us\":700,"
                     "\"l\":\"10.0.2.15:41954\",\"r\":\"10.0.2.2:80\",\"state\":\"established\","
                     "\"netns\":4026531840}\n");
}
END_TEST

START_TEST(what_is_known_is_said)
{
    struct flow_record flow = full(FLOW_CLOSED);
    ck_assert_str_eq(line_of(&flow),
                     "{\"event.action\":\"flow-closed\",\"event.sequence\":9,\"us\":700,"
                     "\"l\":\"10.0.2.15:41954\",\"r\":\"10.0.2.2:80\",\"state\":\"fin_wait_2\","
                     "\"netns\":4026531840,\"cookie\":77,\"opened\":2,\"since\":100,\"seen\":600,"
                     "\"dir\":\"out\",\"close\":\"fin_local\",\"sent\":1234,"
                     "\"received\":1099511627776,\"uid\":1000,\"pid\":4711,\"comm\":\"curl\","
                     "\"cgroup\":\"/user.slice\"}\n");
}
END_TEST

/* The longest line there can be: every byte of every name is escaped. */
START_TEST(the_longest_line_fits)
{
    struct flow_record flow = full(FLOW_CLOSED);
    flow.at = flow.first_seen = flow.last_seen = UINT64_MAX;
    flow.first_seen -= FAKE_HZ;
    flow.last_seen -= FAKE_HZ;
    flow.sequence = flow.opened = flow.cookie = flow.sent = flow.received = UINT64_MAX;
    flow.opened--;
    flow.netns = flow.uid = flow.pid = UINT32_MAX;
    flow.direction = FLOW_INTERNAL;
    flow.close = FLOW_CLOSE_FIN_REMOTE;
    flow.tuple.ip_version = 6;
    memset(flow.tuple.local, 0xff, 16);
    memset(flow.tuple.remote, 0xff, 16);
    memset(flow.comm, 0xff, sizeof flow.comm - 1);
    memset(flow.cgroup, 1, sizeof flow.cgroup - 1);
    size_t length = strlen(line_of(&flow));
    ck_assert_uint_gt(length, 2000);
    ck_assert_uint_lt(length, LINE_SIZE);
}
END_TEST

static bool same_way(const struct flow_record *a, const struct flow_record *b)
{
    return a->state == b->state && a->direction == b->direction && a->close == b->close &&
           a->opened_here == b->opened_here && a->has_bytes == b->has_bytes && a->sent == b->sent &&
           a->received == b->received;
}

static bool same_owner(const struct flow_record *a, const struct flow_record *b)
{
    return a->has_uid == b->has_uid && a->uid == b->uid && a->has_process == b->has_process &&
           a->pid == b->pid && memcmp(a->comm, b->comm, sizeof a->comm) == 0 &&
           memcmp(a->cgroup, b->cgroup, sizeof a->cgroup) == 0;
}

/* Padding bytes differ. */
static void check_equal(const struct flow_record *found, const struct flow_record *sent)
{
    ck_assert(socket_tuple_equal(&found->tuple, &sent->tuple));
    ck_assert(found->action == sent->action && found->sequence == sent->sequence);
    ck_assert(found->netns == sent->netns && found->cookie == sent->cookie);
    ck_assert(found->opened == sent->opened);
    ck_assert(same_way(found, sent));
    ck_assert(same_owner(found, sent));
}

static uint64_t ns_of(uint64_t at)
{
    return events_us(&at_boot, at) * 1000;
}

static void check_read(const struct flow_record *sent)
{
    struct flow_record found;
    struct json_object *object = run_event_object(line_of(sent));
    ck_assert(run_flow_parse(object, &found));
    json_object_put(object);
    check_equal(&found, sent);
    ck_assert_uint_eq(found.at, ns_of(sent->at));
    ck_assert_uint_eq(found.first_seen, ns_of(sent->first_seen));
    ck_assert_uint_eq(found.last_seen, ns_of(sent->last_seen));
}

START_TEST(the_command_reads_what_was_meant)
{
    for (unsigned action = 0; action < FLOW_ACTIONS; action++) {
        struct flow_record flow = bare((enum flow_action)action);
        flow.opened = action == FLOW_ATTEMPTED ? 0 : flow.opened;
        check_read(&flow);
        struct flow_record known = full((enum flow_action)action);
        known.opened = flow.opened;
        check_read(&known);
        for (unsigned i = 0; i < 3; i++) {
            known.direction = i < 2 ? FLOW_INTERNAL : FLOW_INBOUND;
            known.opened_here = i == 0;
            check_read(&known);
        }
    }
}
END_TEST

START_TEST(every_state_and_reason_is_read)
{
    struct flow_record flow = full(FLOW_CLOSED);
    for (unsigned state = TCP_STATE_ESTABLISHED; state <= TCP_STATE_CLOSING; state++) {
        flow.state = (uint8_t)state;
        if (state != TCP_STATE_CLOSE && state != TCP_STATE_LISTEN)
            check_read(&flow);
    }
    for (unsigned close = FLOW_CLOSE_UNKNOWN; close <= FLOW_CLOSE_TIMEOUT; close++) {
        flow.close = (uint8_t)close;
        check_read(&flow);
    }
    flow.tuple.ip_version = 6;
    flow.tuple.local[15] = 1;
    check_read(&flow);
}
END_TEST

/* Whatever bytes a guest puts into names, they come out as they went in. */
START_TEST(names_of_any_bytes_survive)
{
    struct flow_record flow = full(FLOW_CLOSED);
    for (size_t i = 0; i < sizeof flow.cgroup - 1; i++)
        flow.cgroup[i] = (char)(i + 1);
    for (size_t i = 0; i < sizeof flow.comm - 1; i++)
        flow.comm[i] = (char)(255 - i);
    check_read(&flow);
}
END_TEST

Suite *svsm_suite(void)
{
    Suite *suite = suite_create("track_events");
    TCase *tests = tcase_create("track_events");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, what_is_not_known_costs_nothing);
    tcase_add_test(tests, what_is_known_is_said);
    tcase_add_test(tests, the_longest_line_fits);
    tcase_add_test(tests, the_command_reads_what_was_meant);
    tcase_add_test(tests, every_state_and_reason_is_read);
    tcase_add_test(tests, names_of_any_bytes_survive);
    suite_add_tcase(suite, tests);
    return suite;
}
