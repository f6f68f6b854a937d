/*
 * kernel/discover.h: a spoilt guest is found, refused or ambiguous, never a crash; and what is
 * found can be walked, whatever offsets its BTF gave.
 */
#include "fuzz.h"
#include "kernel/discover.h"
#include "tcp/scan.h"

enum {
    UNITS = 30000,
    ROOM = 16
};

static struct fuzz_guest guest;
static struct kernel_hits notes, tokens, none;
static struct kernel_workspace *room;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    struct budget budget = budget_of(100000);
    (void)count, (void)arguments;
    fuzz_guest_make(&guest);
    room = malloc(kernel_workspace_size());
    FUZZ_CHECK(kernel_scan_notes(&guest.memory, &budget, &notes) == STATUS_OK);
    FUZZ_CHECK(kernel_scan_tokens(&guest.memory, &budget, &tokens) == STATUS_OK);
    FUZZ_CHECK(notes.count == 1 && tokens.count >= 1);
    return 0;
}

static bool take(void *context, const struct socket_record *record)
{
    (void)context;
    FUZZ_CHECK(record->tuple.ip_version == 4 || record->tuple.ip_version == 6);
    return true;
}

static void walk(const struct kernel_layout *layout)
{
    static struct tcp_namespace spaces[ROOM];
    static struct socket_record chain[ROOM];
    static struct tcp_workspace workspace;
    struct tcp_secrets secrets = {0};
    struct tcp_summary summary;
    const struct tcp_sink sink = {.socket = take, .context = NULL};
    struct budget budget = budget_of(UNITS);
    workspace.namespaces = spaces;
    workspace.namespace_room = ROOM;
    workspace.chain = chain;
    workspace.chain_room = ROOM;
    (void)!tcp_find_secrets(layout, &budget, &secrets);
    (void)!tcp_scan(layout, &secrets, NULL, &workspace, &budget, &sink, &summary);
    FUZZ_CHECK(budget.used + budget.left == UNITS);
}

static void judge(enum status status, const struct kernel_layout *layout,
                  const struct kernel_report *report)
{
    FUZZ_CHECK(status == STATUS_OK || layout->note.v == 7);
    FUZZ_CHECK(report->candidate_count <= report->tried);
    FUZZ_CHECK((status == STATUS_OK) == (report->candidate_count == 1));
    if (status != STATUS_OK)
        return;
    FUZZ_CHECK(layout->members.common_size <= KERNEL_COMMON_MAX);
    FUZZ_CHECK(layout->space.root.v % 4096 == 0);
    FUZZ_CHECK(memchr(layout->release, 0, sizeof layout->release) != NULL);
    walk(layout);
}

static void discover(const struct kernel_hits *by_note, const struct kernel_hits *by_tokens)
{
    struct kernel_layout layout = {.note = gpa(7)};
    struct kernel_report report = {0};
    judge(kernel_discover(&guest.memory, by_note, by_tokens, UNITS, room, &layout, &report),
          &layout, &report);
}

static void discover_anchored(void)
{
    const struct kernel_anchor anchor = {.cr3 = gpa(guest.scenario.image.root),
                                         .lstar =
                                             gva(guest.scenario.kernel.text + GUEST_SYSCALL_ENTRY),
                                         .levels = guest.scenario.image.shape.levels};
    struct kernel_layout layout = {.note = gpa(7)};
    struct kernel_report report = {0};
    judge(kernel_discover_anchored(&guest.memory, &anchor, UNITS, room, &layout, &report), &layout,
          &report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_patch(&guest, data, size);
    discover_anchored();
    discover(&notes, &none);
    if (size % 2 == 0)
        discover(&none, &tokens);
    fuzz_restore(&guest);
    return 0;
}
