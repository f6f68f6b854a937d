/*
 * tcp/scan.h on a guest that runs: before the n-th read of a walk the kernel does something, for
 * every n. What holds still is in every walk, and no record mixes two sockets.
 */
#include "unit.h"

enum change {
    TURN_TO_TIME_WAIT,
    REUSE,
    NEW_AT_HEAD,
    VANISH, /* and another one comes */
    CHANGES
};

/* One walk's worth of happenings. */
struct drama {
    enum change change;
    uint64_t at_read;
    struct socket_record victim, other; /* `other` waits outside the tables */
};

static struct unit_guest guest;
static struct unit_scan scan;
static struct drama drama;
static unsigned united; /* walks that went round again and kept the victim */

static struct guest_image *image(void)
{
    return &guest.scenario.image;
}

static uint64_t cell_of(const struct socket_record *record)
{
    const struct guest_net *net = &guest.scenario.nets[0];
    return tcp_bucket_cell(&guest.scenario.kernel, net, record->hash & (net->buckets - 1));
}

static void unlink_socket(const struct socket_record *record)
{
    uint64_t node = tcp_node(&guest.scenario.kernel, record->sock.v);
    uint64_t cell = cell_of(record);
    while (guest_get_u64(image(), cell) != node)
        cell = guest_get_u64(image(), cell);
    guest_put_u64(image(), cell, guest_get_u64(image(), node));
}

static void link_socket(const struct socket_record *record, uint64_t sock)
{
    uint64_t node = tcp_node(&guest.scenario.kernel, sock);
    guest_put_u64(image(), node, guest_get_u64(image(), cell_of(record)));
    guest_put_u64(image(), cell_of(record), node);
}

/* The object is freed and at once another socket. */
static void reuse(void)
{
    unsigned char object[4096];
    size_t size = guest.scenario.kernel.types->tcp_size;
    unlink_socket(&drama.victim);
    guest_get(image(), drama.other.sock.v, object, size);
    guest_put(image(), drama.victim.sock.v, object, size);
    link_socket(&drama.other, drama.victim.sock.v);
}

static void happen(void *context, uint64_t nth, struct gpa from, size_t length)
{
    (void)context, (void)from, (void)length;
    if (nth != drama.at_read)
        return;
    if (drama.change == REUSE) {
        reuse();
        return;
    }
    link_socket(&drama.other, drama.other.sock.v);
    if (drama.change == TURN_TO_TIME_WAIT || drama.change == VANISH)
        unlink_socket(&drama.victim);
}

/* A plain socket for the victim's bucket: its coming is seen where the victim was. */
static struct socket_record neighbour(void)
{
    const struct guest_net *net = &guest.scenario.nets[0];
    for (unsigned n = 8000;; n++) {
        struct socket_record record = scenario_plain(n);
        uint32_t hash = net_hash_tuple(&guest.scenario.kernel.keys, &record.tuple, net->hash_mix);
        if (((hash ^ drama.victim.hash) & (net->buckets - 1)) == 0)
            return record;
    }
}

/* The other socket exists, but is in no table and not in the truth. */
static void prepare(enum change change)
{
    struct scenario_options options = scenario_defaults();
    struct socket_record other = scenario_plain(8000);
    options.bulk = 10;
    options.buckets = options.private_buckets = 4;
    options.ram_size = options.pages_to = 8 * SCENARIO_MIB; /* small: it is copied often */
    options.image_pa = 2 * SCENARIO_MIB;
    options.pages_from = 6 * SCENARIO_MIB;
    unit_guest_make(&guest, &options);
    drama.change = change;
    drama.victim = *scenario_add(&guest.scenario, 0, 0, scenario_plain(7000));
    if (change == VANISH)
        other = neighbour();
    if (change == TURN_TO_TIME_WAIT) {
        memset(&other, 0, sizeof other);
        other.tuple = drama.victim.tuple;
        other.object = SOCKET_TIME_WAIT;
        other.state = TCP_STATE_TIME_WAIT;
    }
    tcp_write_socket(&guest.scenario.kernel, &guest.scenario.nets[0], 0, &other);
    drama.other = other;
    unlink_socket(&other);
    guest.watched.before = happen;
}

static const struct socket_record *truth_of(const struct socket_record *found)
{
    const struct socket_record *other = &drama.other;
    bool is_other = found->tuple.local_port == other->tuple.local_port &&
                    found->object == other->object && found->netns == other->netns &&
                    found->tuple.remote_port == other->tuple.remote_port;
    return is_other ? other : scenario_truth(&guest.scenario, found->sock);
}

static void check_others(void)
{
    for (size_t i = 0; i < guest.scenario.truth_count; i++)
        if (guest.scenario.truth[i].sock.v != drama.victim.sock.v)
            ck_assert_ptr_nonnull(unit_found(&scan, guest.scenario.truth[i].sock));
}

/* One flow that changes hands is never lost and never there twice; one that stays is there. */
static void check_walk(void)
{
    size_t victims = 0;
    size_t others = 0;
    ck_status(scan.status, STATUS_OK);
    for (size_t i = 0; i < scan.count; i++) {
        const struct socket_record *truth = truth_of(&scan.records[i]);
        unit_check_record(&scan.records[i], truth);
        others += truth == &drama.other ? 1 : 0;
        victims += truth->sock.v == drama.victim.sock.v && truth != &drama.other ? 1 : 0;
    }
    check_others();
    ck_assert(victims <= 1 && others <= 1);
    ck_assert(drama.change != TURN_TO_TIME_WAIT || victims + others == 1);
    ck_assert(drama.change != NEW_AT_HEAD || victims == 1);
    united += scan.summary.retries > 0 && victims == 1 ? 1 : 0;
}

START_TEST(a_change_before_any_read)
{
    prepare((enum change)_i);
    size_t size = (size_t)image()->shape.ram_size;
    unsigned char *before = malloc(size);
    memcpy(before, image()->ram, size);
    drama.at_read = 0;
    unit_scan(&guest, &scan);
    uint64_t reads = guest.watched.reads;
    uint64_t retries = 0;
    unit_scan_free(&scan);
    for (uint64_t n = 1; n <= reads + 1; n++) {
        memcpy(image()->ram, before, size);
        drama.at_read = n;
        guest.watched.reads = 0;
        guest.budget = budget_of(UNIT_PLENTY);
        scan.may_repeat = drama.change == REUSE;
        unit_scan(&guest, &scan);
        check_walk();
        retries += scan.summary.retries;
        unit_scan_free(&scan);
    }
    ck_assert_uint_gt(retries, 0);
    ck_assert(drama.change != VANISH || united > 0);
    free(before);
    unit_guest_free(&guest);
}
END_TEST

/* The head of one bucket is another one at every read of it. */
static void flip_head(void *context, uint64_t nth, struct gpa from, size_t length)
{
    uint64_t cell = cell_of(&drama.victim);
    (void)context, (void)nth, (void)length;
    if (from.v != guest_physical(image(), cell))
        return;
    uint64_t victim = tcp_node(&guest.scenario.kernel, drama.victim.sock.v);
    uint64_t other = tcp_node(&guest.scenario.kernel, drama.other.sock.v);
    guest_put_u64(image(), other, guest_get_u64(image(), victim));
    guest_put_u64(image(), cell, guest_get_u64(image(), cell) == victim ? other : victim);
}

START_TEST(a_bucket_that_never_holds_still_is_torn)
{
    prepare(NEW_AT_HEAD);
    guest.watched.before = flip_head;
    unit_scan(&guest, &scan);
    ck_status(scan.status, STATUS_OK);
    ck_assert_uint_eq(scan.summary.retries, TCP_RETRIES_MAX);
    ck_assert_uint_eq(scan.summary.torn, 1);
    ck_assert_uint_ge(scan.count, guest.scenario.truth_count); /* one of both faces, or both */
    unit_scan_free(&scan);
    unit_guest_free(&guest);
}
END_TEST

/* Memory that goes away under the walk: any page of the heap. */
START_TEST(pages_that_cannot_be_read)
{
    struct scenario_options options = scenario_defaults();
    options.bulk = 10;
    unit_guest_make(&guest, &options);
    uint64_t end = image()->page_low;
    for (uint64_t page = image()->shape.pages_from; page < end; page += 4096) {
        guest.watched.refuse_from = page;
        guest.watched.refuse_to = page + 4096;
        guest.budget = budget_of(UNIT_PLENTY);
        unit_scan(&guest, &scan);
        ck_status(scan.status, STATUS_OK);
        if (scan.count < guest.scenario.truth_count)
            ck_assert_uint_gt(scan.summary.faults + scan.summary.torn, 0);
        for (size_t i = 0; i < scan.count; i++)
            ck_assert_ptr_nonnull(scenario_truth(&guest.scenario, scan.records[i].sock));
        unit_scan_free(&scan);
    }
    unit_guest_free(&guest);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("torn");
    TCase *tests = tcase_create("torn");
    tcase_set_timeout(tests, 110);
    tcase_add_loop_test(tests, a_change_before_any_read, 0, CHANGES);
    tcase_add_test(tests, a_bucket_that_never_holds_still_is_torn);
    tcase_add_test(tests, pages_that_cannot_be_read);
    suite_add_tcase(suite, tests);
    return suite;
}
