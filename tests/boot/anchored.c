/*
 * anchored: discovery from registers over a raw RAM file, and one walk, with their cost.
 *
 *     anchored RAMFILE BELOW_4G
 *         prints where LSTAR must point, by discovery without registers
 *     anchored RAMFILE BELOW_4G CR3 LSTAR LEVELS
 *         prints how discovery ended, what it and a walk read, and how many sockets there are
 *
 * Numbers in C's notation. Status 0: found; 1: not; 2: it could not start.
 */
#include <stdio.h>
#include <stdlib.h>

#include "attach.h"
#include "policy.h"
#include "workspace.h"

enum {
    UNITS = 8 << 20
};

/* Guest memory that counts what is read. */
struct counted {
    struct guestmem inner;
    unsigned long long reads, bytes;
};

static bool read_counted(void *context, struct gpa from, void *to, size_t length)
{
    struct counted *counted = context;
    counted->reads++;
    counted->bytes += length;
    return counted->inner.read(counted->inner.context, from, to, length);
}

static bool count_socket(void *context, const struct socket_record *record)
{
    (void)record;
    ++*(unsigned long long *)context;
    return true;
}

static void walk(const struct kernel_layout *layout, struct workspace *workspace,
                 struct counted *counted)
{
    unsigned long long sockets = 0;
    struct tcp_sink sink = {.socket = count_socket, .context = &sockets};
    struct budget budget = budget_of(UNITS);
    struct tcp_secrets secrets;
    struct tcp_summary summary;
    if (tcp_find_secrets(layout, &budget, &secrets) != STATUS_OK)
        return;
    counted->reads = counted->bytes = 0;
    enum status status =
        tcp_scan(layout, &secrets, NULL, &workspace->tcp, &budget, &sink, &summary);
    printf("walk %s sockets %llu buckets %llu unkeyed %llu reads %llu bytes %llu\n",
           status_name(status), sockets, (unsigned long long)summary.buckets,
           (unsigned long long)summary.unkeyed, counted->reads, counted->bytes);
}

static int discover(struct counted *counted, struct workspace *workspace, char **registers)
{
    struct kernel_anchor anchor = {.cr3 = gpa(strtoull(registers[0], NULL, 0)),
                                   .lstar = gva(strtoull(registers[1], NULL, 0)),
                                   .levels = (unsigned)strtoul(registers[2], NULL, 0)};
    struct guestmem memory = counted->inner;
    struct kernel_layout layout;
    struct kernel_report report;
    memory.read = read_counted;
    memory.context = counted;
    enum status status =
        kernel_discover_anchored(&memory, &anchor, UNITS, workspace->kernel, &layout, &report);
    printf("discovery %s release %s tried %zu reads %llu bytes %llu because %s 0x%llx\n",
           status_name(status), status == STATUS_OK ? layout.release : "-", report.tried,
           counted->reads, counted->bytes,
           report.evidence.what == NULL ? "-" : report.evidence.what,
           (unsigned long long)report.evidence.at);
    if (status != STATUS_OK)
        return 1;
    walk(&layout, workspace, counted);
    return 0;
}

static int find_entry(const struct mapping *mapping, struct workspace *workspace, uint64_t below_4g)
{
    struct progress progress = {.since = 0};
    struct attachment *attachment = NULL;
    const struct attach_request request = {.mapping = mapping,
                                           .progress = &progress,
                                           .workspace = workspace->kernel,
                                           .below_4g = below_4g};
    if (attach(&request, &attachment) != OUTCOME_DONE)
        return 1;
    printf("lstar 0x%llx\n", (unsigned long long)attachment->layout.symbols.entry_syscall.v);
    free(attachment);
    return 0;
}

int main(int argc, char **argv)
{
    static struct image image;
    struct mapping mapping;
    struct workspace workspace;
    struct counted counted = {.reads = 0};
    if ((argc != 3 && argc != 6) || !workspace_init(&workspace) ||
        mapping_open(argv[1], &mapping) != OUTCOME_DONE) {
        fputs("usage: anchored RAMFILE BELOW_4G [CR3 LSTAR LEVELS]\n", stderr);
        return 2;
    }
    uint64_t below_4g = strtoull(argv[2], NULL, 0);
    int result = 2;
    if (argc == 3)
        result = find_entry(&mapping, &workspace, below_4g);
    else if (image_from_raw(mapping.bytes, mapping.size, below_4g, &image, NULL) == STATUS_OK) {
        counted.inner = image_memory(&image);
        result = discover(&counted, &workspace, argv + 3);
    }
    workspace_free(&workspace);
    mapping_close(&mapping);
    return result;
}
