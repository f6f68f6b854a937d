/*
 * CSV: quoted by RFC 4180, lines end in LF as every Unix tool expects; one header line, one line a
 * socket, an unknown value is an empty field.
 */
#include "rows_csv.h"

#include <stdlib.h>
#include <string.h>

#include "community_id.h"
#include "names.h"
#include "rows.h"

enum {
    LINE_ROOM = 4096
};

struct csv_rows {
    struct rows rows; /* first: what the interface hands around */
    FILE *stream;
};

void csv_field(struct text *text, const char *field)
{
    size_t length = strlen(field);
    bool outer_space = length > 0 && (field[0] == ' ' || field[length - 1] == ' ');

    if (strpbrk(field, ",\"\n") == NULL && !outer_space) {
        text_put(text, field, length);
        return;
    }
    text_add(text, "\"");
    for (const char *at = field; *at != '\0'; at++)
        text_put(text, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    text_add(text, "\"");
}

static void add_hostile(struct text *text, const char *bytes, size_t size)
{
    char plain[TEXT_ESCAPED_ROOM(SOCKET_CGROUP_SIZE)];
    struct text escaped = text_in(plain, sizeof plain);

    text_escape(&escaped, bytes, strnlen(bytes, size), "");
    csv_field(text, plain);
}

static void add_number(struct text *text, bool known, uint64_t value)
{
    text_add(text, ",");
    if (known)
        text_add(text, "%llu", (unsigned long long)value);
}

static void add_tuple(struct text *text, const struct flow *flow)
{
    const struct socket_tuple *tuple = &flow->socket->tuple;
    const char *state = names_state_otel(flow->socket->state);

    text_add(text, "%s,", state == NULL ? "" : state);
    names_address(text, tuple->local, tuple->ip_version);
    text_add(text, ",%u,", tuple->local_port);
    if (flow->has_peer)
        names_address(text, tuple->remote, tuple->ip_version);
    add_number(text, flow->has_peer, tuple->remote_port);
    add_number(text, true, flow->socket->netns);
}

static void add_process(struct text *text, const struct socket_record *socket)
{
    const struct socket_owner *owner = &socket->owners[0];
    bool owned = socket->owner_count > 0;

    add_number(text, socket->has_inode, socket->uid);
    add_number(text, names_inode_known(socket), socket->inode);
    add_number(text, owned, owner->pid);
    text_add(text, ",");
    if (owned)
        add_hostile(text, owner->comm, sizeof owner->comm);
    add_number(text, owned, owner->fd);
    add_number(text, socket->owners_known, socket->owner_count);
    add_number(text, socket->cookie != 0, socket->cookie);
    add_number(text, socket->has_creator, socket->creator_uid);
    text_add(text, ",");
    add_hostile(text, socket->cgroup_path, sizeof socket->cgroup_path);
}

static void add_counters(struct text *text, const struct socket_record *socket)
{
    const struct socket_counters *counters = &socket->counters;
    bool known = socket->has_counters;

    add_number(text, known, counters->bytes_sent);
    add_number(text, known, counters->bytes_acked);
    add_number(text, known, counters->bytes_received);
    add_number(text, known, counters->segs_out);
    add_number(text, known, counters->segs_in);
}

static bool add_flow(struct rows *rows, const struct flow *flow, const struct timespec *seen)
{
    struct csv_rows *self = (struct csv_rows *)rows;
    char line[LINE_ROOM];
    struct text text = text_in(line, sizeof line);
    char id[COMMUNITY_ID_SIZE] = "";
    (void)seen;

    add_tuple(&text, flow);
    add_process(&text, flow->socket);
    add_counters(&text, flow->socket);
    if (flow->has_peer && !community_id(&flow->socket->tuple, COMMUNITY_ID_TCP, id))
        id[0] = '\0';
    text_add(&text, ",%s,%s\n", id, flow->socket->check == SOCKET_KEYED ? "keyed" : "bucket");
    return fputs(line, self->stream) != EOF;
}

static bool flush(struct rows *rows)
{
    return !ferror(((struct csv_rows *)rows)->stream);
}

static void free_csv(struct rows *rows)
{
    free(rows);
}

struct rows *rows_csv(FILE *stream)
{
    struct csv_rows *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    *self = (struct csv_rows){.rows = {add_flow, NULL, flush, free_csv}, .stream = stream};
    if (fputs("state,local_ip,local_port,remote_ip,remote_port,netns,uid,inode,pid,process,fd,"
              "owners,cookie,creator_uid,cgroup,bytes_sent,bytes_acked,bytes_received,segs_out,"
              "segs_in,community_id,check\n",
              stream) != EOF)
        return &self->rows;
    free_csv(&self->rows);
    return NULL;
}
