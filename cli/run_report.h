/*
 * What a machine has said until its end: events counted as they came, the two summaries, and the
 * line in which svsm, tdxemu or QEMU gave up.
 *
 * Connections are counted from the events that arrived; svsm's own count of what it sent is only
 * compared with it.
 */
#ifndef CLI_RUN_REPORT_H
#define CLI_RUN_REPORT_H

#include "command.h"
#include "run_event.h"

/* Who gave up; the first that said so is believed. */
enum run_source {
    RUN_BY_SVSM,
    RUN_BY_TDXEMU,
    RUN_BY_TD, /* what the TD told tdxemu with ReportFatalError */
    RUN_BY_QEMU,
    RUN_SOURCES
};

enum {
    RUN_ERROR_ROOM = 512
};

struct run_report {
    uint64_t seen[RUN_FLOW_KINDS];
    uint64_t time_waits;                      /* of these, ones that tell of TIME_WAIT */
    uint64_t nonsense;                        /* lines that begin an object and make no sense */
    struct json_object *summary;              /* svsm's; NULL: it gave none */
    struct json_object *counters;             /* tdxemu's; NULL likewise */
    char errors[RUN_SOURCES][RUN_ERROR_ROOM]; /* "": nothing was said */
};

/* A line of svsm's debug port. True: `event` is set, whose object is the caller's to put.
 */
MUST_CHECK bool run_report_svsm(struct run_report *report, const char *line,
                                struct run_event *event);

/* A line of tdxemu's debug port. */
void run_report_tdxemu(struct run_report *report, const char *line);

/* A line of QEMU's own. */
void run_report_qemu(struct run_report *report, const char *line);

/*
 * How the machine ended, given its status as of waitpid: OUTCOME_DONE when it powered off and
 * svsm gave its summary, else the complaint.
 */
enum outcome run_report_judge(const struct run_report *report, int status);

/* Frees what it holds. */
void run_report_free(struct run_report *report);

#endif
