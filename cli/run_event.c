#include "run_event.h"

#include <string.h>

#include "run_flow.h"
#include "text.h"

enum {
    DEPTH = 8
};

static const char *const names[RUN_FLOW_KINDS] = {
    [RUN_OPENED] = "opened",
    [RUN_UPDATED] = "updated",
    [RUN_CLOSED] = "closed",
    [RUN_ATTEMPTED] = "attempted",
};

const char *run_event_name(enum run_event_kind kind)
{
    return names[kind];
}

struct json_object *run_event_object(const char *line)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
    struct json_object *object = NULL;

    if (tokener == NULL)
        return NULL;
    object = json_tokener_parse_ex(tokener, line, (int)strlen(line) + 1);
    bool whole = json_tokener_get_error(tokener) == json_tokener_success;
    json_tokener_free(tokener);
    if (whole && json_object_is_type(object, json_type_object))
        return object;
    json_object_put(object);
    return NULL;
}

const char *run_event_action(struct json_object *object)
{
    struct json_object *value = NULL;

    if (object == NULL || !json_object_object_get_ex(object, "event.action", &value) ||
        !json_object_is_type(value, json_type_string))
        return "";
    return json_object_get_string(value);
}

bool run_event_number(struct json_object *object, const char *key, uint64_t *value)
{
    struct json_object *number = NULL;

    if (!json_object_object_get_ex(object, key, &number) ||
        !json_object_is_type(number, json_type_int) || json_object_get_int64(number) < 0)
        return false;
    *value = json_object_get_uint64(number);
    return true;
}

static bool get_text(struct json_object *object, const char *key, char *to, size_t room)
{
    struct json_object *value = NULL;
    struct text text = text_in(to, room);

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return false;
    text_escape(&text, json_object_get_string(value), (size_t)json_object_get_string_len(value),
                "");
    return true;
}

/* False: it says nothing, or claims to be of a flow and is of no kind that there is. */
static bool find_kind(const char *action, struct run_event *event)
{
    static const char prefix[] = "flow-";
    struct text text = text_in(event->action, sizeof event->action);
    bool flow = strncmp(action, prefix, sizeof prefix - 1) == 0;
    const char *name = flow ? action + sizeof prefix - 1 : action;

    text_escape(&text, name, strlen(name), "");
    event->kind = RUN_NOTE;
    for (size_t i = 0; flow && i < RUN_FLOW_KINDS; i++)
        if (strcmp(name, names[i]) == 0)
            event->kind = (enum run_event_kind)i;
    return action[0] != '\0' && flow == (event->kind != RUN_NOTE);
}

bool run_event_waits(const struct run_event *event)
{
    return event->kind == RUN_UPDATED && strcmp(event->state, "time_wait") == 0;
}

static void get_number(struct json_object *object, const char *key, uint64_t *value)
{
    if (!run_event_number(object, key, value))
        *value = 0;
}

bool run_event_parse(struct json_object *object, struct run_event *event)
{
    struct run_event found = {.object = object};

    if (!find_kind(run_event_action(object), &found))
        return false;
    if (found.kind != RUN_NOTE && !run_flow_parse(object, &found.flow))
        return false;
    (void)get_text(object, "l", found.local, sizeof found.local);
    (void)get_text(object, "r", found.remote, sizeof found.remote);
    (void)get_text(object, "state", found.state, sizeof found.state);
    (void)get_text(object, "release", found.about, sizeof found.about);
    get_number(object, "event.sequence", &found.sequence);
    get_number(object, "us", &found.us);
    get_number(object, "netns", &found.netns);
    *event = found;
    return true;
}
