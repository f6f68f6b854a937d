/* tcp/: all walks over a spoilt guest, with memory that also changes while it is read. */
#include "fuzz.h"
#include "kernel/discover.h"
#include "tcp/counters.h"

enum {
    ROOM = 16,
    UNITS = 20000
};

static struct fuzz_guest guest;
static uint64_t records;
static uint64_t change_at; /* the patches come before this read of the walk */
static const uint8_t *patches;
static size_t patches_size;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    fuzz_guest_make(&guest);
    return 0;
}

static bool take(void *context, const struct socket_record *record)
{
    const uint64_t *stop_after = context;
    records++;
    FUZZ_CHECK(record->state > 0 && record->state < TCP_STATE_COUNT);
    FUZZ_CHECK(record->tuple.ip_version == 4 || record->tuple.ip_version == 6);
    FUZZ_CHECK(record->object <= SOCKET_REQUEST && record->check <= SOCKET_KEYED);
    FUZZ_CHECK(memchr(record->cgroup_path, 0, SOCKET_CGROUP_SIZE) != NULL);
    for (uint32_t i = 0; i < record->owner_count && i < SOCKET_OWNERS_MAX; i++)
        FUZZ_CHECK(memchr(record->owners[i].comm, 0, SOCKET_COMM_SIZE) != NULL);
    return records != *stop_after;
}

static void change(void *context, uint64_t nth, struct gpa from, size_t length)
{
    (void)context, (void)from, (void)length;
    if (nth == change_at)
        fuzz_patch(&guest, patches, patches_size);
}

static void count_all(const struct tcp_workspace *workspace, struct budget *budget)
{
    FUZZ_CHECK(workspace->namespace_count <= workspace->namespace_room);
    for (size_t i = 0; i < workspace->namespace_count; i++)
        (void)!tcp_read_counters(&guest.layout, budget, &workspace->namespaces[i]);
}

static void check_end(enum status status, const struct tcp_summary *summary)
{
    FUZZ_CHECK(status == STATUS_OK || status == STATUS_BUDGET || status == STATUS_STOPPED);
    FUZZ_CHECK(summary->out_of_budget == (status == STATUS_BUDGET));
    FUZZ_CHECK(summary->sockets == records);
}

static void scan(const struct tcp_owners *owners, uint64_t units, uint64_t stop_after)
{
    static struct tcp_namespace spaces[4];
    static struct tcp_workspace workspace;
    struct tcp_secrets secrets = {0};
    struct tcp_summary summary;
    struct tcp_sink sink = {.socket = take, .context = &stop_after};
    struct budget budget = budget_of(units);
    records = 0;
    workspace.namespaces = spaces;
    workspace.namespace_room = 4;
    workspace.chain_room = ROOM;
    workspace.chain = malloc(ROOM * sizeof *workspace.chain); /* exactly: a guard lies behind */
    (void)!tcp_find_secrets(&guest.layout, &budget, &secrets);
    enum status status =
        tcp_scan(&guest.layout, &secrets, owners, &workspace, &budget, &sink, &summary);
    check_end(status, &summary);
    count_all(&workspace, &budget);
    FUZZ_CHECK(budget.used + budget.left == units);
    free(workspace.chain);
}

static void own(struct tcp_owners *owners)
{
    struct budget budget = budget_of(UNITS);
    enum status status = tcp_owners_build(&guest.layout, &budget, owners);
    FUZZ_CHECK(status == STATUS_OK || status == STATUS_BUDGET || status == STATUS_FULL);
    FUZZ_CHECK(owners->count <= owners->room);
}

/* Input: stop after so many records, units of budget, the read at which to change; patches. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tcp_owner_entry entries[128];
    struct tcp_owners owners = {.entries = entries, .room = 128};
    struct kernel_ram ram = {7, 7};
    struct budget budget = budget_of(UNITS);
    if (size < 4)
        return 0;
    uint64_t units = data[1] == 255 ? UNITS : (uint64_t)data[1] * 8;
    change_at = (uint64_t)data[2] | (uint64_t)data[3] << 8;
    patches = data + 4;
    patches_size = size - 4;
    guest.undo_count = 0;
    guest.watched.reads = 0;
    guest.watched.before = change_at > 1 ? change : NULL;
    if (change_at <= 1)
        fuzz_patch(&guest, patches, patches_size);
    own(&owners);
    scan(&owners, units, data[0]);
    if (kernel_system_ram(&guest.layout, &budget, &ram) != STATUS_OK)
        FUZZ_CHECK(ram.below_4g == 7 && ram.above_4g == 7);
    guest.watched.before = NULL;
    fuzz_restore(&guest);
    return 0;
}
