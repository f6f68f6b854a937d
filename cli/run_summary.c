#include "run_summary.h"

#include <inttypes.h>
#include <libsmartcols.h>
#include <string.h>

#include "errors.h"
#include "text.h"

enum {
    CELL_ROOM = 32
};

/* svsm's count of what it sent, by the kinds of events. */
static const char *const sent_keys[RUN_FLOW_KINDS] = {
    [RUN_OPENED] = "opened",
    [RUN_UPDATED] = "updated",
    [RUN_CLOSED] = "closed",
    [RUN_ATTEMPTED] = "attempted",
};

static bool told(const struct run_report *report, const char *key, uint64_t *value)
{
    return report->summary != NULL && run_event_number(report->summary, key, value);
}

static void add_us(struct text *text, uint64_t us)
{
    if (us < 1000)
        text_add(text, "%" PRIu64 " us", us);
    else
        text_add(text, us % 1000 == 0 ? "%.0f ms" : "%.1f ms", (double)us / 1000);
}

static bool add_cell(struct libscols_table *table, struct libscols_line *line, const char *heading,
                     const struct text *value)
{
    struct libscols_column *column = scols_table_new_column(table, heading, 0, SCOLS_FL_RIGHT);

    return column != NULL && scols_line_set_column_data(line, column, value->bytes) == 0;
}

static bool add_number(struct libscols_table *table, struct libscols_line *line,
                       const char *heading, bool known, uint64_t value)
{
    char cell[CELL_ROOM];
    struct text text = text_in(cell, sizeof cell);

    if (known)
        text_add(&text, "%" PRIu64, value);
    else
        text_add(&text, "-");
    return add_cell(table, line, heading, &text);
}

static bool add_time(struct libscols_table *table, struct libscols_line *line, const char *heading,
                     bool known, uint64_t us)
{
    char cell[CELL_ROOM];
    struct text text = text_in(cell, sizeof cell);

    if (known)
        add_us(&text, us);
    else
        text_add(&text, "-");
    return add_cell(table, line, heading, &text);
}

static bool fill(struct libscols_table *table, struct libscols_line *line,
                 const struct run_options *options, const struct run_report *report)
{
    uint64_t scans = 0;
    uint64_t gap = 0;
    uint64_t gap_l2 = 0;
    uint64_t exits = 0;
    bool has_scans = told(report, "scans", &scans);
    bool has_gap = told(report, "longest_gap_us", &gap);
    bool has_gap_l2 = told(report, "longest_gap_l2_us", &gap_l2);
    bool has_exits = told(report, "exits", &exits);

    return line != NULL && add_number(table, line, "Opened", true, report->seen[RUN_OPENED]) &&
           add_number(table, line, "Time-wait", true, report->time_waits) &&
           add_number(table, line, "Closed", true, report->seen[RUN_CLOSED]) &&
           add_number(table, line, "Attempted", true, report->seen[RUN_ATTEMPTED]) &&
           add_number(table, line, "Scans", has_scans, scans) &&
           add_time(table, line, "Longest gap", has_gap, gap) &&
           add_time(table, line, "L2 running", has_gap_l2, gap_l2) &&
           add_time(table, line, "Period", options->track, options->period_us) &&
           add_number(table, line, "Exits", has_exits, exits);
}

bool run_summary_table(FILE *stream, const struct run_options *options,
                       const struct run_report *report)
{
    struct libscols_table *table = scols_new_table();

    if (table == NULL)
        return false;
    scols_table_set_stream(table, stream);
    scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
    bool done = fill(table, scols_table_new_line(table, NULL), options, report) &&
                scols_print_table(table) == 0 && fflush(stream) == 0;
    scols_unref_table(table);
    return done;
}

static bool put(struct json_object *object, const char *key, struct json_object *value)
{
    if (value != NULL && json_object_object_add(object, key, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

/* svsm's numbers that stand in the summary itself; the others are below "svsm". */
static bool put_told(struct json_object *object, const struct run_report *report)
{
    static const char *const keys[] = {"scans", "longest_gap_us", "longest_gap_l2_us", "exits"};
    uint64_t value;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (told(report, keys[i], &value) && !put(object, keys[i], json_object_new_uint64(value)))
            return false;
    return true;
}

static bool put_whole(struct json_object *object, const char *key, struct json_object *whole)
{
    return whole == NULL || put(object, key, json_object_get(whole));
}

static bool build(struct json_object *object, const struct run_options *options,
                  const struct run_report *report, bool interrupted)
{
    if (!put(object, "event.action", json_object_new_string("summary")))
        return false;
    for (size_t i = 0; i < RUN_FLOW_KINDS; i++)
        if (!put(object, sent_keys[i], json_object_new_uint64(report->seen[i])))
            return false;
    return put(object, "time_wait", json_object_new_uint64(report->time_waits)) &&
           put(object, "interrupted", json_object_new_boolean(interrupted)) &&
           (!options->track ||
            put(object, "period_us", json_object_new_uint64(options->period_us))) &&
           put_told(object, report) && put_whole(object, "svsm", report->summary) &&
           put_whole(object, "tdxemu", report->counters);
}

bool run_summary_json(FILE *stream, const struct run_options *options,
                      const struct run_report *report, bool interrupted)
{
    struct json_object *object = json_object_new_object();
    const char *text = NULL;

    if (object != NULL && build(object, options, report, interrupted))
        text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
                                                          JSON_C_TO_STRING_NOSLASHESCAPE);
    bool done = text != NULL && fprintf(stream, "%s\n", text) > 0 && fflush(stream) == 0;
    json_object_put(object);
    return done;
}

void run_summary_warn(const struct run_report *report)
{
    if (report->nonsense != 0)
        warn("svsm", "%" PRIu64 " lines of its log make no sense: keep them with --logs DIR",
             report->nonsense);
    for (size_t i = 0; i < RUN_FLOW_KINDS; i++) {
        uint64_t sent;

        if (told(report, sent_keys[i], &sent) && sent != report->seen[i])
            warn("svsm",
                 "sent %" PRIu64 " events '%s', %" PRIu64 " arrived: the list is incomplete", sent,
                 run_event_name((enum run_event_kind)i), report->seen[i]);
    }
}
