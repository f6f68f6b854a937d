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
    ck_assert(scan->may_repeat || unit_found(scan, record->sock) == NULL);
    scan->records = realloc(scan->records, (scan->count + 1) * sizeof *record);
    ck_assert_ptr_nonnull(scan->records);
    scan->records[scan->count++] = *record;
    return scan->count != scan->stop_after;
}

void unit_scan_room(struct unit_guest *guest, const struct tcp_owners *owners, size_t chain_room,
                    struct unit_scan *scan)
{
    struct tcp_sink sink = {.socket = collect, .context = scan};
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
    unit_scan_room(guest, NULL, 128, scan);
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

static bool same_tuple(const struct socket_tuple *a, const struct socket_tuple *b)
{
    return memcmp(a->local, b->local, 16) == 0 && memcmp(a->remote, b->remote, 16) == 0 &&
           a->local_port == b->local_port && a->remote_port == b->remote_port &&
           a->ip_version == b->ip_version;
}

static bool same_common(const struct socket_record *a, const struct socket_record *b)
{
    return a->net.v == b->net.v && a->netns == b->netns && a->hash == b->hash &&
           a->cookie == b->cookie && a->bound_if == b->bound_if && a->state == b->state &&
           a->sequence == b->sequence && a->object == b->object && a->mapped == b->mapped &&
           a->v6_socket == b->v6_socket && a->uid == b->uid;
}

static bool same_full(const struct socket_record *found, const struct socket_record *truth)
{
    return found->has_creator && found->creator_uid == truth->creator_uid &&
           found->has_inode == truth->has_inode && found->inode == truth->inode &&
           found->file.v == truth->file.v && found->cgroup.v == truth->cgroup.v &&
           strcmp(found->cgroup_path, truth->cgroup_path) == 0;
}

/* A listener's counters say nothing of a connection: they may be there or not. */
static bool same_counters(const struct socket_record *found, const struct socket_record *truth)
{
    const struct socket_counters *a = &found->counters;
    const struct socket_counters *b = &truth->counters;
    return truth->state == TCP_STATE_LISTEN ||
           (found->has_counters && a->bytes_sent == b->bytes_sent &&
            a->bytes_acked == b->bytes_acked && a->bytes_received == b->bytes_received &&
            a->segs_out == b->segs_out && a->segs_in == b->segs_in);
}

static bool no_full(const struct socket_record *found)
{
    return !found->has_counters && !found->has_creator && found->file.v == 0;
}

void unit_check_record(const struct socket_record *found, const struct socket_record *truth)
{
    unsigned long long sock = found->sock.v;
    ck_assert_msg(truth != NULL, "an invented socket at 0x%llx", sock);
    ck_assert_msg(same_tuple(&found->tuple, &truth->tuple), "tuple of 0x%llx", sock);
    ck_assert_msg(same_common(found, truth), "facts of 0x%llx", sock);
    ck_assert_msg(truth->object == SOCKET_FULL ? same_full(found, truth) : no_full(found),
                  "owner of 0x%llx", sock);
    ck_assert_msg(truth->object != SOCKET_FULL || same_counters(found, truth), "counters of 0x%llx",
                  sock);
}

void unit_check_true(const struct unit_guest *guest, const struct unit_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++)
        unit_check_record(&scan->records[i],
                          scenario_truth(&guest->scenario, scan->records[i].sock));
}

void unit_check_complete(const struct unit_guest *guest, const struct unit_scan *scan)
{
    unit_check_true(guest, scan);
    ck_assert_uint_eq(scan->count, guest->scenario.truth_count);
}
