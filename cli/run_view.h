/*
 * What is shown while a machine runs: the console of L2 or the list of its connections on a
 * terminal, events as lines or as JSON elsewhere.
 *
 * A false from `event`, `console` or `tick` means that standard output has failed.
 */
#ifndef CLI_RUN_VIEW_H
#define CLI_RUN_VIEW_H

#include <stdio.h>

#include "run_event.h"

struct run_view {
    bool (*event)(struct run_view *view, const struct run_event *event);
    bool (*console)(struct run_view *view, const char *bytes, size_t length);
    bool (*tick)(struct run_view *view); /* a few times a second, and once before the end */
    void (*end)(struct run_view *view);  /* gives the terminal back, and frees the view */
    bool takes_keys;                     /* what is typed goes to L2 */
};

/* NULL: not enough memory; of run_view_live also: not a terminal that a screen can be shown on. */
struct run_view *run_view_console(void);
struct run_view *run_view_live(void);
struct run_view *run_view_lines(FILE *stream);
struct run_view *run_view_json(FILE *stream);

/* For views that do not show one of them. */
bool run_view_no_event(struct run_view *view, const struct run_event *event);
bool run_view_no_console(struct run_view *view, const char *bytes, size_t length);
bool run_view_no_tick(struct run_view *view);

#endif
