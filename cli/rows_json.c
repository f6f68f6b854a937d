/*
 * JSON, one flat object a line: the names of the Elastic Common Schema as keys, dots and all, and
 * `tracker.` for what it has no name for. A value that is not known is not there.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "community_id.h"
#include "names.h"
#include "rows.h"

struct json_rows {
    struct rows rows; /* first: what the interface hands around */
    FILE *stream;
    uint64_t sequence;
};

/* An object being built. The keys are string literals and each is put once. */
struct line {
    struct json_object *object;
    bool failed;
};

struct side {
    const char *ip, *port, *bytes;
};

static const struct side source = {"source.ip", "source.port", "source.bytes"};
static const struct side destination = {"destination.ip", "destination.port", "destination.bytes"};

static void put(struct line *line, const char *key, struct json_object *value)
{
    const unsigned flags = JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY;

    if (value == NULL || json_object_object_add_ex(line->object, key, value, flags) != 0)
        line->failed = true;
}

static void put_text(struct line *line, const char *key, const char *value)
{
    put(line, key, json_object_new_string(value));
}

static void put_number(struct line *line, const char *key, uint64_t value)
{
    put(line, key, json_object_new_uint64(value));
}

static void put_hostile(struct line *line, const char *key, const char *bytes, size_t size)
{
    char plain[TEXT_ESCAPED_ROOM(SOCKET_CGROUP_SIZE)];
    struct text text = text_in(plain, sizeof plain);

    text_escape(&text, bytes, strnlen(bytes, size), "");
    put_text(line, key, plain);
}

static void put_event(struct line *line, const char *action, const struct timespec *seen,
                      uint64_t sequence)
{
    char stamp[64];
    struct text text = text_in(stamp, sizeof stamp);
    struct tm utc;

    gmtime_r(&seen->tv_sec, &utc);
    text.length = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    text_add(&text, ".%09ldZ", seen->tv_nsec);
    put_text(line, "@timestamp", stamp);
    put_text(line, "event.action", action);
    put_number(line, "event.sequence", sequence);
}

static void put_side(struct line *line, const struct side *side, const struct socket_tuple *tuple,
                     bool local)
{
    char address[NAMES_ADDRESS_ROOM];
    struct text text = text_in(address, sizeof address);

    names_address(&text, local ? tuple->local : tuple->remote, tuple->ip_version);
    put_text(line, side->ip, address);
    put_number(line, side->port, local ? tuple->local_port : tuple->remote_port);
}

static void put_network(struct line *line, const struct flow *flow)
{
    static const char *const directions[] = {
        [FLOW_INBOUND] = "inbound",
        [FLOW_OUTBOUND] = "outbound",
        [FLOW_INTERNAL] = "internal",
    };
    const struct socket_tuple *tuple = &flow->socket->tuple;
    const char *state = names_state_otel(flow->socket->state);
    char id[COMMUNITY_ID_SIZE];

    put_text(line, "network.transport", "tcp");
    put_text(line, "network.type", tuple->ip_version == 4 ? "ipv4" : "ipv6");
    if (state != NULL)
        put_text(line, "network.connection.state", state);
    if (!flow->has_peer)
        return;
    put_text(line, "network.direction", directions[flow->direction]);
    if (community_id(tuple, COMMUNITY_ID_TCP, id))
        put_text(line, "network.community_id", id);
}

/* A socket without a peer is where connections would go: a destination. */
static void put_ends(struct line *line, const struct flow *flow)
{
    const struct side *local = flow->opened_here ? &source : &destination;
    const struct side *remote = flow->opened_here ? &destination : &source;

    put_side(line, local, &flow->socket->tuple, true);
    if (flow->has_peer)
        put_side(line, remote, &flow->socket->tuple, false);
    if (flow->has_bytes) {
        put_number(line, local->bytes, flow->sent);
        put_number(line, remote->bytes, flow->received);
    }
}

static void put_owner(struct line *line, const struct socket_record *socket)
{
    char container[NAMES_CONTAINER_ROOM];

    if (socket->owner_count > 0) {
        put_number(line, "process.pid", socket->owners[0].pid);
        put_hostile(line, "process.name", socket->owners[0].comm, SOCKET_COMM_SIZE);
    }
    if (socket->owner_count > 1)
        put_number(line, "tracker.owners", socket->owner_count);
    if (socket->has_inode) {
        put_number(line, "user.id", socket->uid);
    }
    if (names_inode_known(socket))
        put_number(line, "tracker.inode", socket->inode);
    if (socket->has_creator)
        put_number(line, "tracker.creator_uid", socket->creator_uid);
    if (names_container(socket->cgroup_path, container))
        put_text(line, "container.id", container);
    if (socket->cgroup_path[0] != '\0')
        put_hostile(line, "process.cgroup", socket->cgroup_path, SOCKET_CGROUP_SIZE);
}

static void put_tracker(struct line *line, const struct flow *flow)
{
    put_number(line, "tracker.netns", flow->socket->netns);
    if (flow->socket->cookie != 0)
        put_number(line, "tracker.cookie", flow->socket->cookie);
    put_text(line, "tracker.witness", "scan");
    put_text(line, "tracker.endpoint", flow->opened_here ? "source" : "destination");
    put_text(line, "tracker.check", flow->socket->check == SOCKET_KEYED ? "keyed" : "bucket");
}

/* Writes the line and lets go of it. */
static bool write_line(struct json_rows *self, struct line *line)
{
    const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
    const char *text = line->failed ? NULL : json_object_to_json_string_ext(line->object, flags);
    bool written =
        text != NULL && fputs(text, self->stream) != EOF && fputc('\n', self->stream) != EOF;

    json_object_put(line->object);
    return written;
}

static bool add_flow(struct rows *rows, const struct flow *flow, const struct timespec *seen)
{
    struct json_rows *self = (struct json_rows *)rows;
    struct line line = {.object = json_object_new_object()};

    if (line.object == NULL)
        return false;
    put_event(&line, "flow-seen", seen, ++self->sequence);
    put_ends(&line, flow);
    put_network(&line, flow);
    put_owner(&line, flow->socket);
    put_tracker(&line, flow);
    return write_line(self, &line);
}

static bool add_namespace(struct json_rows *self, const struct coverage *coverage,
                          const struct tcp_namespace *namespace)
{
    struct line line = {.object = json_object_new_object()};

    if (line.object == NULL)
        return false;
    put_event(&line, "coverage", &coverage->seen, ++self->sequence);
    put_number(&line, "tracker.netns", namespace->inum);
    for (size_t i = 0; i < COUNTER_COUNT; i++)
        if (counter_known(&namespace->counters, (enum kernel_counter)i))
            put_number(&line, names_counter_key((enum kernel_counter)i),
                       namespace->counters.value[i]);
    return write_line(self, &line);
}

static bool add_coverage(struct rows *rows, const struct coverage *coverage)
{
    for (size_t i = 0; i < coverage->count; i++)
        if (!add_namespace((struct json_rows *)rows, coverage, &coverage->namespaces[i]))
            return false;
    return true;
}

static bool flush(struct rows *rows)
{
    return !ferror(((struct json_rows *)rows)->stream);
}

static void free_json(struct rows *rows)
{
    free(rows);
}

struct rows *rows_json(FILE *stream)
{
    struct json_rows *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    *self =
        (struct json_rows){.rows = {add_flow, add_coverage, flush, free_json}, .stream = stream};
    return &self->rows;
}
