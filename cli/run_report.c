#include "run_report.h"

#include <string.h>
#include <sys/wait.h>

#include "errors.h"
#include "text.h"

static const struct {
    const char *prefix;
    const char *subject;
    enum outcome outcome;
} sources[RUN_SOURCES] = {
    [RUN_BY_SVSM] = {"svsm: error: ", "svsm", OUTCOME_INPUT},
    [RUN_BY_TDXEMU] = {"tdxemu: error: ", "tdxemu", OUTCOME_ENVIRONMENT},
    [RUN_BY_TD] = {"tdxemu: td error: ", "svsm", OUTCOME_INPUT},
    [RUN_BY_QEMU] = {"qemu-system-x86_64: ", "qemu-system-x86_64", OUTCOME_ENVIRONMENT},
};

static void note(struct run_report *report, enum run_source source, const char *what)
{
    struct text text = text_in(report->errors[source], RUN_ERROR_ROOM);

    text_escape(&text, what, strnlen(what, RUN_ERROR_ROOM / 4 - 1), "");
}

/* Notes the line when it is the first with that prefix. */
static bool note_prefixed(struct run_report *report, enum run_source source, const char *line)
{
    size_t length = strlen(sources[source].prefix);

    if (strncmp(line, sources[source].prefix, length) != 0)
        return false;
    if (report->errors[source][0] == '\0')
        note(report, source, line + length);
    return true;
}

bool run_report_svsm(struct run_report *report, const char *line, struct run_event *event)
{
    if (line[0] != '{') {
        (void)note_prefixed(report, RUN_BY_SVSM, line);
        return false;
    }
    struct json_object *object = run_event_object(line);
    if (report->summary == NULL && strcmp(run_event_action(object), "summary") == 0) {
        report->summary = object;
        return false;
    }
    if (object != NULL && run_event_parse(object, event)) {
        if (event->kind < RUN_FLOW_KINDS)
            report->seen[event->kind]++;
        report->time_waits += run_event_waits(event) ? 1 : 0;
        return true;
    }
    report->nonsense++;
    json_object_put(object);
    return false;
}

void run_report_tdxemu(struct run_report *report, const char *line)
{
    if (line[0] != '{') {
        (void)(note_prefixed(report, RUN_BY_TDXEMU, line) ||
               note_prefixed(report, RUN_BY_TD, line));
        return;
    }
    struct json_object *object = run_event_object(line);
    if (report->counters == NULL && strcmp(run_event_action(object), "tdxemu") == 0) {
        report->counters = object;
        return;
    }
    report->nonsense++;
    json_object_put(object);
}

/* The last line is the reason; warnings are none. */
void run_report_qemu(struct run_report *report, const char *line)
{
    size_t length = strlen(sources[RUN_BY_QEMU].prefix);

    if (strstr(line, "warning:") != NULL || line[0] == '\0')
        return;
    note(report, RUN_BY_QEMU,
         strncmp(line, sources[RUN_BY_QEMU].prefix, length) == 0 ? line + length : line);
}

static enum outcome complain_of_status(const struct run_report *report, int status)
{
    const char *advice = "keep the logs with --logs DIR and look there";

    if (WIFSIGNALED(status))
        return complain(OUTCOME_ENVIRONMENT, "qemu-system-x86_64", "ended by signal %d: %s",
                        WTERMSIG(status), advice);
    if (WEXITSTATUS(status) != 0)
        return complain(OUTCOME_ENVIRONMENT, "qemu-system-x86_64", "ended with status %d: %s",
                        WEXITSTATUS(status), advice);
    if (report->summary == NULL)
        return complain(OUTCOME_INPUT, "svsm", "ended without a summary: %s", advice);
    return OUTCOME_DONE;
}

enum outcome run_report_judge(const struct run_report *report, int status)
{
    bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;

    for (size_t i = 0; i < RUN_SOURCES; i++)
        if (report->errors[i][0] != '\0' && (i != RUN_BY_QEMU || !ended_well))
            return complain(sources[i].outcome, sources[i].subject, "%s", report->errors[i]);
    return complain_of_status(report, status);
}

void run_report_free(struct run_report *report)
{
    json_object_put(report->summary);
    json_object_put(report->counters);
    report->summary = NULL;
    report->counters = NULL;
}
