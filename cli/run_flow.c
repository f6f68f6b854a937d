#include "run_flow.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "run_event.h"

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return "";
    return json_object_get_string(value);
}

/* The number of a name in a list; of none there, 0. */
static uint8_t number_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL && strcmp(names[i], name) == 0)
            return (uint8_t)i;
    return 0;
}

static bool find_action(struct json_object *object, struct flow_record *flow)
{
    static const char *const actions[FLOW_ACTIONS] = {
        [FLOW_OPENED] = "flow-opened",
        [FLOW_UPDATED] = "flow-updated",
        [FLOW_CLOSED] = "flow-closed",
        [FLOW_ATTEMPTED] = "flow-attempted",
    };
    const char *action = run_event_action(object);

    flow->action = (enum flow_action)number_in(actions, FLOW_ACTIONS, action);
    return strcmp(actions[flow->action], action) == 0;
}

/* "10.0.2.15:80", "[2001:db8::1]:80". False: it is none of these. */
static bool find_end(const char *text, unsigned char address[16], uint16_t *port, uint8_t *version)
{
    bool v6 = text[0] == '[';
    const char *begin = text + (v6 ? 1 : 0);
    const char *end = strrchr(text, ':');
    size_t length = end == NULL || end <= begin ? 0 : (size_t)(end - begin) - (v6 ? 1 : 0);
    char name[NAMES_ADDRESS_ROOM];
    char *rest = NULL;

    if (length == 0 || length >= sizeof name || (v6 && end[-1] != ']'))
        return false;
    memcpy(name, begin, length);
    name[length] = '\0';
    unsigned long number = strtoul(end + 1, &rest, 10);
    if (end[1] < '0' || end[1] > '9' || *rest != '\0' || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    *version = v6 ? 6 : 4;
    return inet_pton(v6 ? AF_INET6 : AF_INET, name, address) == 1;
}

static bool find_tuple(struct json_object *object, struct socket_tuple *tuple)
{
    uint8_t version;

    return find_end(text_of(object, "l"), tuple->local, &tuple->local_port, &tuple->ip_version) &&
           find_end(text_of(object, "r"), tuple->remote, &tuple->remote_port, &version) &&
           version == tuple->ip_version;
}

static bool find_time(struct json_object *object, const char *key, uint64_t *ns)
{
    uint64_t us;

    return run_event_number(object, key, &us) && !__builtin_mul_overflow(us, 1000U, ns);
}

static uint64_t number_of(struct json_object *object, const char *key)
{
    uint64_t value;

    return run_event_number(object, key, &value) ? value : 0;
}

static bool find_u32(struct json_object *object, const char *key, uint32_t *value)
{
    uint64_t number;

    if (!run_event_number(object, key, &number) || number > UINT32_MAX)
        return false;
    *value = (uint32_t)number;
    return true;
}

/* svsm escapes byte by byte, as characters below U+0100; there are no others in its names. */
static void find_bytes(struct json_object *object, const char *key, char *to, size_t room)
{
    const char *text = text_of(object, key);

    for (size_t i = 0; i + 1 < room && *text != '\0'; i++) {
        unsigned char first = (unsigned char)*text++;
        if (first == 0xc2 || first == 0xc3)
            first = (unsigned char)((first & 3) << 6 | (*text++ & 0x3f));
        else if (first >= 0x80)
            first = '?';
        to[i] = (char)first;
    }
}

static uint8_t state_of(struct json_object *object)
{
    const char *name = text_of(object, "state");

    for (unsigned state = 0; state < TCP_STATE_COUNT; state++) {
        const char *known = names_state_otel((uint8_t)state);
        if (known != NULL && strcmp(known, name) == 0)
            return (uint8_t)state;
    }
    return 0;
}

static void find_way(struct json_object *object, struct flow_record *flow)
{
    static const struct {
        const char *name;
        enum flow_direction direction;
        bool opened_here;
    } ways[] = {
        {"in", FLOW_INBOUND, false},
        {"out", FLOW_OUTBOUND, true},
        {"int-in", FLOW_INTERNAL, false},
        {"int-out", FLOW_INTERNAL, true},
    };
    static const char *const reasons[] = {
        [FLOW_CLOSE_FIN_LOCAL] = "fin_local", [FLOW_CLOSE_FIN_REMOTE] = "fin_remote",
        [FLOW_CLOSE_RST_LOCAL] = "rst_local", [FLOW_CLOSE_RST_REMOTE] = "rst_remote",
        [FLOW_CLOSE_TIMEOUT] = "timeout",
    };
    const char *way = text_of(object, "dir");

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(ways[i].name, way) == 0) {
            flow->direction = (uint8_t)ways[i].direction;
            flow->opened_here = ways[i].opened_here;
        }
    flow->close = number_in(reasons, sizeof reasons / sizeof reasons[0], text_of(object, "close"));
}

static void find_details(struct json_object *object, struct flow_record *flow)
{
    flow->state = state_of(object);
    (void)find_u32(object, "netns", &flow->netns);
    flow->cookie = number_of(object, "cookie");
    flow->opened = flow->action == FLOW_OPENED ? flow->sequence : number_of(object, "opened");
    flow->first_seen = flow->last_seen = flow->at;
    (void)find_time(object, "since", &flow->first_seen);
    (void)find_time(object, "seen", &flow->last_seen);
    flow->has_bytes = run_event_number(object, "sent", &flow->sent) &&
                      run_event_number(object, "received", &flow->received);
    flow->has_uid = find_u32(object, "uid", &flow->uid);
    flow->has_process = find_u32(object, "pid", &flow->pid);
    find_bytes(object, "comm", flow->comm, sizeof flow->comm);
    find_bytes(object, "cgroup", flow->cgroup, sizeof flow->cgroup);
}

bool run_flow_parse(struct json_object *object, struct flow_record *flow)
{
    struct flow_record found = {.witness = FLOW_BY_SCAN};

    if (!find_action(object, &found) || !find_tuple(object, &found.tuple) ||
        !run_event_number(object, "event.sequence", &found.sequence) ||
        !find_time(object, "us", &found.at))
        return false;
    find_way(object, &found);
    find_details(object, &found);
    *flow = found;
    return true;
}
