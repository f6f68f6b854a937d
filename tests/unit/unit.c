#include "unit.h"

int main(void)
{
    SRunner *runner = srunner_create(unit_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool unit_all_bytes(const void *bytes, size_t size, unsigned char value)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < size; i++)
        if (p[i] != value)
            return false;
    return true;
}

void unit_guest_make(struct unit_guest *guest, const struct scenario_options *options)
{
    memset(guest, 0, sizeof *guest);
    scenario_create(&guest->scenario, options, NULL);
    guest->watched = (struct watched_memory){.image = &guest->scenario.image};
    guest->memory = watched_guestmem(&guest->watched);
    guest->layout = scenario_layout(&guest->scenario, &guest->memory);
    guest->budget = budget_of(UNIT_PLENTY);
    ck_status(tcp_find_secrets(&guest->layout, &guest->budget, &guest->secrets), STATUS_OK);
}

void unit_guest_free(struct unit_guest *guest)
{
    scenario_destroy(&guest->scenario);
}

static bool collect(void *context, const struct socket_record *record)
{
    struct unit_scan *scan = context;
    ck_assert_ptr_null(unit_found(scan, record->sock));
    scan->records = realloc(scan->records, (scan->count + 1) * sizeof *record);
    ck_assert_ptr_nonnull(scan->records);
    scan->records[scan->count++] = *record;
    return scan->count != scan->stop_after;
}

void unit_scan_room(struct unit_guest *guest, const struct tcp_owners *owners, size_t chain_room,
                    struct unit_scan *scan)
{
    struct tcp_sink sink = {collect, scan};
    scan->records = NULL;
    scan->count = 0;
    memset(&scan->workspace, 0xa5, sizeof scan->workspace);
    scan->workspace.namespaces = scan->namespaces;
    scan->workspace.namespace_room = sizeof scan->namespaces / sizeof scan->namespaces[0];
    scan->workspace.chain = malloc(chain_room * sizeof(struct socket_record));
    scan->workspace.chain_room = chain_room;
    ck_assert_ptr_nonnull(scan->workspace.chain);
    memset(scan->workspace.chain, 0xa5, chain_room * sizeof(struct socket_record));
    memset(&scan->summary, 0xa5, sizeof scan->summary);
    scan->status = tcp_scan(&guest->layout, &guest->secrets, owners, &scan->workspace,
                            &guest->budget, &sink, &scan->summary);
    ck_assert_uint_eq(scan->summary.sockets, scan->count);
    ck_assert_int_eq(scan->status == STATUS_BUDGET, scan->summary.out_of_budget);
    free(scan->workspace.chain);
}

void unit_scan(struct unit_guest *guest, struct unit_scan *scan)
{
    scan->stop_after = 0;
    unit_scan_room(guest, NULL, 64, scan);
}

void unit_scan_free(struct unit_scan *scan)
{
    free(scan->records);
    scan->records = NULL;
}

const struct socket_record *unit_found(const struct unit_scan *scan, struct gva sock)
{
    for (size_t i = 0; i < scan->count; i++)
        if (scan->records[i].sock.v == sock.v)
            return &scan->records[i];
    return NULL;
}

static void check_full(const struct socket_record *found, const struct socket_record *truth)
{
    ck_assert_uint_eq(found->creator_uid, truth->creator_uid);
    ck_assert(found->has_creator);
    ck_assert_int_eq(found->has_inode, truth->has_inode);
    ck_assert_uint_eq(found->inode, truth->inode);
    ck_assert_uint_eq(found->file.v, truth->file.v);
    ck_assert_uint_eq(found->cgroup.v, truth->cgroup.v);
    ck_assert_str_eq(found->cgroup_path, truth->cgroup_path);
    if (truth->state == TCP_STATE_LISTEN)
        return; /* a listener's counters say nothing of a connection */
    ck_assert(found->has_counters);
    ck_assert_mem_eq(&found->counters, &truth->counters, sizeof truth->counters);
}

static void check_record(const struct socket_record *found, const struct socket_record *truth)
{
    ck_assert_msg(truth != NULL, "an invented socket at 0x%llx",
                  (unsigned long long)found->sock.v);
    ck_assert_mem_eq(found->tuple.local, truth->tuple.local, 16);
    ck_assert_mem_eq(found->tuple.remote, truth->tuple.remote, 16);
    ck_assert_uint_eq(found->tuple.local_port, truth->tuple.local_port);
    ck_assert_uint_eq(found->tuple.remote_port, truth->tuple.remote_port);
    ck_assert_uint_eq(found->tuple.ip_version, truth->tuple.ip_version);
    ck_assert_uint_eq(found->net.v, truth->net.v);
    ck_assert_uint_eq(found->netns, truth->netns);
    ck_assert_uint_eq(found->hash, truth->hash);
    ck_assert_uint_eq(found->cookie, truth->cookie);
    ck_assert_uint_eq(found->bound_if, truth->bound_if);
    ck_assert_uint_eq(found->state, truth->state);
    ck_assert_uint_eq(found->object, truth->object);
    ck_assert_int_eq(found->mapped, truth->mapped);
    ck_assert_int_eq(found->v6_socket, truth->v6_socket);
    ck_assert_uint_eq(found->uid, truth->uid);
    if (truth->object == SOCKET_FULL)
        check_full(found, truth);
    else
        ck_assert(!found->has_counters && !found->has_creator && found->file.v == 0);
}

void unit_check_true(const struct unit_guest *guest, const struct unit_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++)
        check_record(&scan->records[i], scenario_truth(&guest->scenario, scan->records[i].sock));
}

void unit_check_complete(const struct unit_guest *guest, const struct unit_scan *scan)
{
    unit_check_true(guest, scan);
    ck_assert_uint_eq(scan->count, guest->scenario.truth_count);
}
