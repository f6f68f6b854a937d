/* Events to a pipe: a line each, for people or as JSON. */
#include <inttypes.h>
#include <stdlib.h>

#include "run_view.h"

struct stream_view {
    struct run_view view; /* first: what the interface hands around */
    FILE *stream;
};

bool run_view_no_event(struct run_view *view, const struct run_event *event)
{
    (void)view;
    (void)event;
    return true;
}

bool run_view_no_console(struct run_view *view, const char *bytes, size_t length)
{
    (void)view;
    (void)bytes;
    (void)length;
    return true;
}

bool run_view_no_tick(struct run_view *view)
{
    (void)view;
    return true;
}

static bool print_line(struct run_view *view, const struct run_event *event)
{
    FILE *stream = ((struct stream_view *)view)->stream;

    if (event->kind == RUN_NOTE)
        return fprintf(stream, "%10.3f s  %s  %s\n", (double)event->us / 1e6, event->action,
                       event->about) > 0;
    return fprintf(stream, "%10.3f s  %-9s  %s  %s  %s\n", (double)event->us / 1e6, event->action,
                   event->local, event->remote, event->state) > 0;
}

static bool print_json(struct run_view *view, const struct run_event *event)
{
    FILE *stream = ((struct stream_view *)view)->stream;
    const char *text = json_object_to_json_string_ext(
        event->object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

    return text != NULL && fprintf(stream, "%s\n", text) > 0;
}

/* Events are few or come in bursts: a reader who follows need not wait longer than a tick. */
static bool flush(struct run_view *view)
{
    return fflush(((struct stream_view *)view)->stream) == 0;
}

static void end(struct run_view *view)
{
    free(view);
}

static struct run_view *new_view(FILE *stream,
                                 bool (*event)(struct run_view *, const struct run_event *))
{
    struct stream_view *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    *self = (struct stream_view){
        .view = {event, run_view_no_console, flush, end, false},
        .stream = stream,
    };
    return &self->view;
}

struct run_view *run_view_lines(FILE *stream)
{
    return new_view(stream, print_line);
}

struct run_view *run_view_json(FILE *stream)
{
    return new_view(stream, print_json);
}
