/* tdx-tracker scan MEMORY: lists the TCP sockets in a RAM file or dump, once. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "errors.h"
#include "output.h"
#include "policy.h"
#include "scan_options.h"
#include "signals.h"
#include "summary.h"
#include "tcp/counters.h"

struct scan {
    struct scan_options options;
    struct mapping mapping;
    struct output output;
    struct progress progress;
    struct workspace workspace;
    struct attachment *attachment;
    struct walk walk;
    uint64_t attach_ns;
};

static bool wants_color(const struct scan *scan)
{
    const char *no_color = getenv("NO_COLOR");

    return !scan->options.no_color && (no_color == NULL || *no_color == '\0') &&
           isatty(scan->output.file);
}

static struct rows *open_rows(const struct scan *scan)
{
    switch (scan->options.format) {
    case SCAN_JSON:
        return rows_json(scan->output.stream);
    case SCAN_CSV:
        return rows_csv(scan->output.stream);
    case SCAN_TABLE:
    default:
        return rows_table(scan->output.stream, wants_color(scan));
    }
}

/* Takes all the room the scan will need, before anything is read. */
static enum outcome take_room(struct scan *scan)
{
    bool workspace = workspace_init(&scan->workspace);
    bool walk = walk_init(&scan->walk);

    if (workspace && walk)
        return OUTCOME_DONE;
    return complain(OUTCOME_ENVIRONMENT, scan->options.memory,
                    "not enough memory for a scan: check 'ulimit -v'");
}

static enum outcome find_kernel(struct scan *scan)
{
    const struct attach_request request = {
        .mapping = &scan->mapping,
        .progress = &scan->progress,
        .workspace = scan->workspace.kernel,
        .below_4g = scan->options.below_4g,
    };
    uint64_t start = clock_ns();
    enum outcome outcome = attach(&request, &scan->attachment);

    scan->attach_ns = clock_ns() - start;
    return outcome;
}

/* What ended a walk early, if anything did. */
static enum outcome judge(const struct scan *scan, enum status status)
{
    if (mapping_shrunk(&scan->mapping))
        return mapping_complain(&scan->mapping);
    if (signals_pending() != 0)
        return OUTCOME_SIGNAL;
    if (scan->walk.failed)
        return output_complain(&scan->output);
    if (status == STATUS_OK || status == STATUS_BUDGET)
        return OUTCOME_DONE;
    return complain(
        OUTCOME_INPUT, scan->options.memory,
        "the socket tables cannot be read (%s): scan again, or stop the guest meanwhile",
        status_name(status));
}

/* Reads and writes the counters of every namespace of the walk, when they are wanted. */
static bool write_coverage(struct scan *scan)
{
    struct budget budget = budget_of(policy_walk_units(scan->mapping.size));
    struct rows *rows = scan->walk.rows;
    struct coverage coverage = {
        .namespaces = scan->workspace.tcp.namespaces,
        .count = scan->workspace.tcp.namespace_count,
    };

    if (!scan->options.counters || rows->coverage == NULL)
        return true;
    for (size_t i = 0; i < coverage.count; i++)
        if (tcp_read_counters(&scan->attachment->layout, &budget,
                              &scan->workspace.tcp.namespaces[i]) != STATUS_OK)
            scan->walk.tally.counters_missed++;
    clock_gettime(CLOCK_REALTIME, &coverage.seen);
    return rows->coverage(rows, &coverage);
}

static enum outcome list(struct scan *scan)
{
    const struct walk_request request = {
        .layout = &scan->attachment->layout,
        .workspace = &scan->workspace,
        .units = policy_walk_units(scan->mapping.size),
        .owners = !scan->options.no_owners,
    };
    struct rows *rows = open_rows(scan);

    if (rows == NULL)
        return output_complain(&scan->output);
    scan->walk.rows = rows;
    enum status status = walk_run(&scan->walk, &request);
    enum outcome outcome = judge(scan, status);
    if (outcome == OUTCOME_DONE && !(rows->flush(rows) && write_coverage(scan)))
        outcome = output_complain(&scan->output);
    rows->free(rows);
    return outcome;
}

static enum outcome run(struct scan *scan)
{
    enum outcome outcome = mapping_open(scan->options.memory, &scan->mapping);

    if (outcome == OUTCOME_DONE)
        outcome = output_open(scan->options.output, &scan->mapping, &scan->output);
    if (outcome == OUTCOME_DONE)
        outcome = take_room(scan);
    if (outcome == OUTCOME_DONE)
        outcome = find_kernel(scan);
    if (outcome == OUTCOME_DONE)
        outcome = list(scan);
    if (outcome == OUTCOME_DONE)
        outcome = output_commit(&scan->output);
    return outcome;
}

static void summarize(const struct scan *scan, enum outcome outcome)
{
    const struct summary summary = {
        .path = scan->options.memory,
        .release = scan->attachment == NULL ? "" : scan->attachment->layout.release,
        .attach_ns = scan->attach_ns,
        .interrupted = signals_pending() != 0,
        .tally = &scan->walk.tally,
    };

    if (outcome == OUTCOME_DONE && scan->options.format != SCAN_TABLE && !isatty(STDERR_FILENO)) {
        summary_warn(&summary);
        return;
    }
    if (outcome != OUTCOME_DONE && !summary.interrupted)
        return;
    summary_print(&summary);
    summary_warn(&summary);
}

static void release(struct scan *scan)
{
    output_discard(&scan->output);
    free(scan->attachment);
    walk_free(&scan->walk);
    workspace_free(&scan->workspace);
    mapping_close(&scan->mapping);
}

int scan_command(int argc, char **argv)
{
    struct scan scan = {.mapping = {.file = -1}};
    enum outcome outcome = scan_options_parse(argc, argv, &scan.options);

    if (outcome != OUTCOME_DONE)
        return (int)outcome;
    if (scan.options.help) {
        fputs(scan_options_help(), stdout);
        return output_finish_stdout();
    }
    signals_install();
    outcome = run(&scan);
    summarize(&scan, outcome);
    release(&scan);
    if (outcome != OUTCOME_SIGNAL)
        return (int)outcome;
    return signals_pending() != 0 ? OUTCOME_SIGNAL + signals_pending() : signals_die_of_pipe();
}
