/*
 * What svsm says of flows and of itself: one JSON object a line on its debug port.
 *
 * The text comes through the host and tells of guest memory: every string is made printable, and
 * a line that is not such an object is counted, never trusted.
 */
#ifndef CLI_RUN_EVENT_H
#define CLI_RUN_EVENT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/record/flow.h"
#include "base/status.h"

enum run_event_kind {
    RUN_OPENED,
    RUN_UPDATED, /* its state has changed */
    RUN_CLOSED,
    RUN_ATTEMPTED, /* seen connecting, never connected */
    RUN_FLOW_KINDS,
    RUN_NOTE = RUN_FLOW_KINDS /* not of a flow: the kernel was found, for example */
};

enum {
    RUN_END_ROOM = 64, /* "[ffff:...:255.255.255.255]:65535" */
    RUN_STATE_ROOM = 24,
    RUN_ACTION_ROOM = 32,
    RUN_ABOUT_ROOM = 128
};

struct run_event {
    enum run_event_kind kind;
    uint64_t sequence;
    uint64_t us; /* since svsm's start, of the TSC */
    uint64_t netns;
    char action[RUN_ACTION_ROOM]; /* "opened", "updated", "closed", "kernel-found", ... */
    char local[RUN_END_ROOM];     /* of a note, the ends and the state are empty */
    char remote[RUN_END_ROOM];
    char state[RUN_STATE_ROOM];
    char about[RUN_ABOUT_ROOM]; /* the release of a kernel that was found */
    struct flow_record flow;    /* of a flow, the same as a record (run_flow.h) */
    struct json_object *object; /* the whole, for whoever writes JSON; borrowed */
};

/* An object out of a line; NULL when it is none. The caller's to put. */
struct json_object *run_event_object(const char *line);

/* "event.action" of an object, which may be NULL; "" when it has none. */
const char *run_event_action(struct json_object *object);

/* Whether a flow has reached TIME_WAIT with this event. */
bool run_event_waits(const struct run_event *event);

/* A number of an object that is not negative. */
MUST_CHECK bool run_event_number(struct json_object *object, const char *key, uint64_t *value);

/* False: an object that does not say what it is, or a flow that is none (run_flow.h). */
MUST_CHECK bool run_event_parse(struct json_object *object, struct run_event *event);

/* "opened", "updated", "closed", "attempted". */
const char *run_event_name(enum run_event_kind kind);

#endif
