/*
 * The table, in the habit of `ss -tanpei`: state, both ends, processes, and the details as
 * name:value, the cgroup last. libsmartcols aligns a batch at a time; each begins with the widths
 * of the one before, so that batches line up.
 */
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "rows.h"

enum column {
    COLUMN_STATE,
    COLUMN_LOCAL,
    COLUMN_REMOTE,
    COLUMN_PROCESS,
    COLUMN_DETAILS,
    COLUMN_COUNT
};

enum {
    BATCH = 256,
    END_ROOM = 96,
    OWNERS_ROOM = SOCKET_OWNERS_MAX * (TEXT_ESCAPED_ROOM(SOCKET_COMM_SIZE) + 48),
    DETAILS_ROOM = TEXT_ESCAPED_ROOM(SOCKET_CGROUP_SIZE) + 512
};

struct table_rows {
    struct rows rows;             /* first: what the interface hands around */
    struct libscols_table *table; /* the batch */
    FILE *stream;
    bool color;
    bool headed;                 /* the headings are printed */
    size_t widths[COLUMN_COUNT]; /* of the last batch */
};

static struct libscols_table *new_table(FILE *stream, bool color)
{
    struct libscols_table *table = scols_new_table();

    if (table == NULL)
        return NULL;
    scols_table_set_stream(table, stream);
    scols_table_enable_colors(table, color);
    scols_table_enable_noencoding(table, 1);                 /* text_escape has seen to it */
    scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER); /* nothing is cut off */
    return table;
}

static void add_details(struct text *text, const struct socket_record *socket)
{
    const struct socket_counters *counters = &socket->counters;

    if (socket->has_inode)
        text_add(text, "uid:%u ", socket->uid);
    else if (socket->has_creator)
        text_add(text, "creator:%u ", socket->creator_uid);
    if (names_inode_known(socket))
        text_add(text, "ino:%llu ", (unsigned long long)socket->inode);
    if (socket->cookie != 0)
        text_add(text, "sk:%llx ", (unsigned long long)socket->cookie);
    text_add(text, "netns:%u", socket->netns);
    if (socket->has_counters)
        text_add(
            text, " bytes_sent:%llu bytes_acked:%llu bytes_received:%llu segs_out:%u segs_in:%u",
            (unsigned long long)counters->bytes_sent, (unsigned long long)counters->bytes_acked,
            (unsigned long long)counters->bytes_received, counters->segs_out, counters->segs_in);
    if (socket->check == SOCKET_BUCKET_ONLY && socket->state != TCP_STATE_LISTEN)
        text_add(text, " check:bucket");
    if (socket->cgroup_path[0] != '\0') {
        text_add(text, " cgroup:");
        text_escape(text, socket->cgroup_path,
                    strnlen(socket->cgroup_path, sizeof socket->cgroup_path), " ");
    }
}

static bool set_cells(struct libscols_line *line, const struct socket_record *socket, bool color)
{
    char local[END_ROOM];
    char remote[END_ROOM];
    char owners[OWNERS_ROOM];
    char details[DETAILS_ROOM];
    struct text local_text = text_in(local, sizeof local);
    struct text remote_text = text_in(remote, sizeof remote);
    struct text owners_text = text_in(owners, sizeof owners);
    struct text details_text = text_in(details, sizeof details);

    names_local_end(&local_text, socket);
    names_remote_end(&remote_text, socket);
    names_owners(&owners_text, socket);
    add_details(&details_text, socket);
    if (color && names_state_color(socket->state) != NULL)
        scols_cell_set_color(scols_line_get_cell(line, COLUMN_STATE),
                             names_state_color(socket->state));
    return scols_line_set_data(line, COLUMN_STATE, names_state_ss(socket->state)) == 0 &&
           scols_line_set_data(line, COLUMN_LOCAL, local) == 0 &&
           scols_line_set_data(line, COLUMN_REMOTE, remote) == 0 &&
           scols_line_set_data(line, COLUMN_PROCESS, owners) == 0 &&
           scols_line_set_data(line, COLUMN_DETAILS, details) == 0;
}

/*
 * Begins a batch. A heading is a column's minimum width, printed or not: padded to the width of
 * the last batch, it keeps it. The last column needs no width.
 */
static bool begin_batch(struct table_rows *self)
{
    static const char *const headings[COLUMN_COUNT] = {
        [COLUMN_STATE] = "State",
        [COLUMN_LOCAL] = "Local Address:Port",
        [COLUMN_REMOTE] = "Peer Address:Port",
        [COLUMN_PROCESS] = "Process",
        [COLUMN_DETAILS] = "Details",
    };

    self->table = new_table(self->stream, self->color);
    if (self->table == NULL)
        return false;
    scols_table_enable_noheadings(self->table, self->headed);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        char heading[OWNERS_ROOM];
        struct text text = text_in(heading, sizeof heading);

        text_add(&text, "%-*s", (int)self->widths[i], headings[i]);
        if (scols_table_new_column(self->table, heading, 0, 0) == NULL)
            return false;
    }
    return true;
}

static bool print_batch(struct rows *rows)
{
    struct table_rows *self = (struct table_rows *)rows;

    if (scols_table_get_nlines(self->table) == 0)
        return true;
    if (scols_print_table(self->table) != 0)
        return false;
    self->headed = true;
    for (size_t i = 0; i < COLUMN_DETAILS; i++)
        self->widths[i] = scols_column_get_width(scols_table_get_column(self->table, i));
    scols_unref_table(self->table);
    return begin_batch(self) && !ferror(self->stream);
}

static bool add_flow(struct rows *rows, const struct flow *flow, const struct timespec *seen)
{
    struct table_rows *self = (struct table_rows *)rows;
    struct libscols_line *line = scols_table_new_line(self->table, NULL);
    (void)seen;

    if (line == NULL || !set_cells(line, flow->socket, self->color))
        return false;
    return scols_table_get_nlines(self->table) < BATCH || print_batch(rows);
}

static bool add_namespace(struct libscols_table *table, const struct tcp_namespace *namespace)
{
    struct libscols_line *line = scols_table_new_line(table, NULL);
    char number[24];

    if (line == NULL)
        return false;
    for (size_t i = 0; i <= COUNTER_COUNT; i++) {
        struct text text = text_in(number, sizeof number);

        if (i == 0)
            text_add(&text, "%u", namespace->inum);
        else if (counter_known(&namespace->counters, (enum kernel_counter)(i - 1)))
            text_add(&text, "%llu", (unsigned long long)namespace->counters.value[i - 1]);
        else
            text_add(&text, "-");
        if (scols_line_set_data(line, i, number) != 0)
            return false;
    }
    return true;
}

static bool fill_coverage(struct libscols_table *table, const struct coverage *coverage)
{
    if (scols_table_new_column(table, "Netns", 0, SCOLS_FL_RIGHT) == NULL)
        return false;
    for (size_t i = 0; i < COUNTER_COUNT; i++)
        if (scols_table_new_column(table, names_counter((enum kernel_counter)i), 0,
                                   SCOLS_FL_RIGHT) == NULL)
            return false;
    for (size_t i = 0; i < coverage->count; i++)
        if (!add_namespace(table, &coverage->namespaces[i]))
            return false;
    return true;
}

static bool print_coverage(struct rows *rows, const struct coverage *coverage)
{
    struct table_rows *self = (struct table_rows *)rows;
    struct libscols_table *table = new_table(self->stream, false);

    if (table == NULL)
        return false;
    bool done = print_batch(rows) && (!self->headed || fputc('\n', self->stream) != EOF) &&
                fill_coverage(table, coverage) && scols_print_table(table) == 0;
    scols_unref_table(table);
    return done && !ferror(self->stream);
}

static void free_table(struct rows *rows)
{
    struct table_rows *self = (struct table_rows *)rows;

    scols_unref_table(self->table);
    free(self);
}

struct rows *rows_table(FILE *stream, bool color)
{
    struct table_rows *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    *self = (struct table_rows){
        .rows = {add_flow, print_coverage, print_batch, free_table},
        .stream = stream,
        .color = color,
    };
    if (begin_batch(self))
        return &self->rows;
    free_table(&self->rows);
    return NULL;
}
