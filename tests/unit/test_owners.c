/* tcp/owners.h: every descriptor of every process, sorted; circles and wild tables end. */
#include "unit.h"

enum {
    ROOM = 256
};

static struct unit_guest guest;
static struct tcp_owner_entry entries[ROOM];
static struct tcp_owners owners;

static void set_up(void)
{
    struct scenario_options options = scenario_defaults();
    options.variant = 1;
    unit_guest_make(&guest, &options);
    memset(entries, 0xa5, sizeof entries);
    owners = (struct tcp_owners){.entries = entries, .room = ROOM};
}

static void tear_down(void)
{
    unit_guest_free(&guest);
}

static enum status build(void)
{
    return tcp_owners_build(&guest.layout, &guest.budget, &owners);
}

static bool sorted(void)
{
    for (size_t i = 1; i < owners.count; i++) {
        const struct tcp_owner_entry *a = &entries[i - 1];
        const struct tcp_owner_entry *b = &entries[i];
        if (a->file.v > b->file.v)
            return false;
        if (a->file.v == b->file.v &&
            (a->owner.pid > b->owner.pid ||
             (a->owner.pid == b->owner.pid && a->owner.fd >= b->owner.fd)))
            return false;
    }
    return true;
}

/* Descriptors as the writer placed them: a listener has two holders, others one. */
START_TEST(all_descriptors_are_indexed)
{
    ck_status(build(), STATUS_OK);
    ck_assert_uint_eq(owners.tasks, 5);
    ck_assert_uint_eq(owners.faults, 0);
    ck_assert(sorted());
    ck_assert_uint_eq(owners.count, 4 * 2 + 2 + guest.scenario.options.bulk);
}
END_TEST

START_TEST(sockets_get_their_holders)
{
    struct unit_scan scan = {0};
    ck_status(build(), STATUS_OK);
    unit_scan_room(&guest, &owners, 64, &scan);
    for (size_t i = 0; i < scan.count; i++) {
        const struct socket_record *r = &scan.records[i];
        bool listens = r->state == TCP_STATE_LISTEN;
        ck_assert(r->owners_known);
        ck_assert_uint_eq(r->owner_count, r->file.v == 0 ? 0 : listens ? 2 : 1);
        if (listens) {
            ck_assert_uint_eq(r->owners[0].pid, 812);
            ck_assert_uint_eq(r->owners[0].fd, 3 + r->tuple.local_port % 50);
            ck_assert_uint_eq(r->owners[1].pid, 813);
            ck_assert_str_eq(r->owners[1].comm, "nginx");
        }
        if (r->tuple.local_port == 45678) {
            ck_assert_uint_eq(r->owners[0].pid, 4711);
            ck_assert_uint_eq(r->owners[0].fd, 5);
            ck_assert_str_eq(r->owners[0].comm, "curl");
        }
    }
    unit_scan_free(&scan);
}
END_TEST

START_TEST(more_holders_than_are_listed)
{
    uint64_t file = process_file(&guest.scenario.kernel);
    struct socket_record record = {.file = gva(file)};
    for (uint32_t fd = 20; fd < 26; fd++)
        process_open(&guest.scenario.kernel, guest.scenario.server, fd, file);
    ck_status(build(), STATUS_OK);
    tcp_owners_name(&owners, &record);
    ck_assert_uint_eq(record.owner_count, 6);
    for (unsigned i = 0; i < SOCKET_OWNERS_MAX; i++)
        ck_assert_uint_eq(record.owners[i].fd, 20 + i);
    record.file = gva(file + 8);
    tcp_owners_name(&owners, &record);
    ck_assert_uint_eq(record.owner_count, 0);
    ck_assert(record.owners_known);
}
END_TEST

START_TEST(any_smaller_room_is_full)
{
    ck_status(build(), STATUS_OK);
    size_t all = owners.count;
    for (size_t room = 0; room <= all; room++) {
        struct tcp_owner_entry *exact = malloc((room + 1) * sizeof *exact);
        owners = (struct tcp_owners){.entries = exact, .room = room};
        memset(exact, 0x5a, (room + 1) * sizeof *exact);
        ck_status(build(), room < all ? STATUS_FULL : STATUS_OK);
        ck_assert_uint_le(owners.count, room);
        ck_assert(unit_all_bytes(exact + room, sizeof *exact, 0x5a));
        free(exact);
    }
}
END_TEST

START_TEST(budget_ends_anywhere)
{
    ck_status(build(), STATUS_OK);
    size_t all = owners.count;
    uint64_t needed = guest.budget.used;
    for (uint64_t units = 0; units < needed + 2; units++) {
        uint64_t reads = guest.watched.reads;
        guest.budget = budget_of(units);
        enum status status = build();
        ck_assert(status == STATUS_OK || status == STATUS_BUDGET);
        ck_assert(status != STATUS_OK || (owners.count == all && owners.faults == 0));
        ck_assert_uint_le(guest.watched.reads - reads, units);
        ck_assert(sorted());
    }
}
END_TEST

static const struct {
    const char *what;
    size_t member; /* of the server's task, files_struct or fdtable */
    int object;    /* 0 task, 1 files, 2 fdtable */
    unsigned width;
    uint64_t value;
} lies[] = {
    {"wild files", offsetof(struct kernel_members, task_files), 0, 8, 0xffffdead00000000ULL},
    {"wild table", offsetof(struct kernel_members, files_fdt), 1, 8, 0xffffdead00000000ULL},
    {"wild array", offsetof(struct kernel_members, fdtable_fd), 2, 8, 0xffffdead00000000ULL},
    {"endless table", offsetof(struct kernel_members, fdtable_max_fds), 2, 4, 0xffffffff},
    {"next task is itself", offsetof(struct kernel_members, task_tasks), 0, 8, 1},
    {"next task is nowhere", offsetof(struct kernel_members, task_tasks), 0, 8, 2},
};

START_TEST(lies_are_faults_or_end_the_room)
{
    struct guest_kernel *kernel = &guest.scenario.kernel;
    struct guest_image *image = &guest.scenario.image;
    uint64_t task = guest.scenario.server;
    uint64_t value = lies[_i].value;
    uint32_t offset;
    uint64_t at = task;
    if (lies[_i].object == 1)
        at = guest_get_u64(image, task + guest.layout.members.task_files);
    if (lies[_i].object == 2)
        at = process_fdtable(kernel, task);
    memcpy(&offset, (const unsigned char *)&guest.layout.members + lies[_i].member, 4);
    if (value == 1)
        value = task + offset;
    if (value == 2)
        value = 0xffffdead00000000ULL;
    guest_put(image, at + offset, &value, lies[_i].width);
    enum status status = build();
    ck_assert_msg(status == STATUS_FULL || (status == STATUS_OK && owners.faults > 0), "%s",
                  lies[_i].what);
    ck_assert_uint_le(owners.count, ROOM);
    ck_assert(sorted());
}
END_TEST

START_TEST(names_are_terminated)
{
    guest_put(&guest.scenario.image, guest.scenario.client + guest.layout.members.task_comm,
              "ABCDEFGHIJKLMNOPQRST", 16);
    ck_status(build(), STATUS_OK);
    for (size_t i = 0; i < owners.count; i++)
        ck_assert_ptr_nonnull(memchr(entries[i].owner.comm, 0, SOCKET_COMM_SIZE));
}
END_TEST

START_TEST(kernels_without_the_members_are_unsupported)
{
    guest.layout.members.fdtable_fd = KERNEL_ABSENT;
    ck_status(build(), STATUS_UNSUPPORTED);
}
END_TEST

Suite *unit_suite(void)
{
    Suite *suite = suite_create("owners");
    TCase *tests = tcase_create("owners");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, all_descriptors_are_indexed);
    tcase_add_test(tests, sockets_get_their_holders);
    tcase_add_test(tests, more_holders_than_are_listed);
    tcase_add_test(tests, any_smaller_room_is_full);
    tcase_add_test(tests, budget_ends_anywhere);
    tcase_add_loop_test(tests, lies_are_faults_or_end_the_room, 0, sizeof lies / sizeof lies[0]);
    tcase_add_test(tests, names_are_terminated);
    tcase_add_test(tests, kernels_without_the_members_are_unsupported);
    suite_add_tcase(suite, tests);
    return suite;
}
