#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "errors.h"
#include "text.h"

enum {
    LINE_ROOM = 1024
};

static void add_count(struct text *text, uint64_t count, const char *one, const char *many)
{
    if (count != 0)
        text_add(text, "%s%" PRIu64 " %s", text->length == 0 ? "" : ", ", count,
                 count == 1 ? one : many);
}

static void add_time(struct text *text, const char *what, uint64_t ns)
{
    double ms = (double)ns / 1e6;

    text_add(text, ms < 10 ? ", %s %.1f ms" : ", %s %.0f ms", what, ms);
}

void summary_print(const struct summary *summary)
{
    const struct tcp_summary *counts = &summary->tally->summary;
    uint64_t listed = summary->tally->listed;
    char line[LINE_ROOM];
    struct text text = text_in(line, sizeof line);

    text_add(&text, "%s%" PRIu64 " %s", summary->interrupted ? "interrupted: " : "", listed,
             listed == 1 ? "socket" : "sockets");
    add_count(&text, counts->namespaces, "namespace", "namespaces");
    if (summary->release[0] != '\0') {
        text_add(&text, ", Linux ");
        text_escape(&text, summary->release, strnlen(summary->release, KERNEL_RELEASE_SIZE), "");
    }
    add_time(&text, "discovery", summary->attach_ns);
    add_time(&text, "walk", summary->tally->walk_ns);
    add_count(&text, counts->retries, "bucket walked again", "buckets walked again");
    add_count(&text, counts->unkeyed, "tuple confirmed by its bucket only",
              "tuples confirmed by their buckets only");
    fprintf(stderr, "%s\n", line);
}

static void warn_of_walk(const struct summary *summary)
{
    const struct tcp_summary *counts = &summary->tally->summary;
    char line[LINE_ROOM];
    struct text text = text_in(line, sizeof line);

    add_count(&text, counts->torn, "bucket kept changing", "buckets kept changing");
    add_count(&text, counts->unconfirmed, "socket contradicts itself",
              "sockets contradict themselves");
    add_count(&text, counts->faults, "address is not readable", "addresses are not readable");
    add_count(&text, counts->namespaces_missed, "namespace was left out",
              "namespaces were left out");
    if (counts->out_of_budget)
        text_add(&text, "%sthe walk ended at its work limit", text.length == 0 ? "" : ", ");
    if (text.length == 0)
        return;
    for (size_t i = 0; i < counts->anomaly_count && i < TCP_ANOMALIES_MAX; i++)
        text_add(&text, "%s%s, 0x%" PRIx64, i == 0 ? " (" : "; ", counts->anomalies[i].what,
                 counts->anomalies[i].at);
    if (counts->anomaly_count > TCP_ANOMALIES_MAX)
        text_add(&text, "; and %zu more", counts->anomaly_count - TCP_ANOMALIES_MAX);
    if (counts->anomaly_count > 0)
        text_add(&text, ")");
    warn(summary->path, "incomplete list: %s: scan again, or stop the guest meanwhile", line);
}

static void warn_of_owners(const struct summary *summary)
{
    const struct tally *tally = summary->tally;

    if (tally->owners == STATUS_BUDGET)
        warn(summary->path, "process names may be missing: the look-up ended at its work limit");
    else if (tally->owners == STATUS_FULL)
        warn(summary->path, "no process names: more open files than can be indexed: check "
                            "'ulimit -v', or use --no-owners");
    else if (tally->owners != STATUS_OK)
        warn(summary->path, "no process names: the task list cannot be read (%s): scan again",
             status_name(tally->owners));
    else if (tally->owner_faults != 0)
        warn(summary->path,
             "process names may be missing: %" PRIu64 " task or descriptor tables are not "
             "readable: scan again, or stop the guest meanwhile",
             tally->owner_faults);
}

void summary_warn(const struct summary *summary)
{
    warn_of_walk(summary);
    warn_of_owners(summary);
    if (summary->tally->counters_missed != 0)
        warn(summary->path,
             "counters are missing: those of %" PRIu64 " namespaces cannot be read by this "
             "kernel's layout: list without --counters",
             summary->tally->counters_missed);
    if (summary->tally->listeners_missed != 0)
        warn(summary->path,
             "source and destination may be swapped: %" PRIu64 " listeners were beyond the room",
             summary->tally->listeners_missed);
}
