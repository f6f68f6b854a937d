/*
 * The list of connections on a terminal, the newest first. It holds as many as anybody will
 * scroll through; the totals in the head line count all.
 */
#include <inttypes.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_view.h"

enum {
    ROWS = 1024,
    HEAD_LINES = 2
};

struct live_view {
    struct run_view view; /* first: what the interface hands around */
    SCREEN *screen;
    bool stale; /* the screen shows less than is known */
    uint64_t totals[RUN_FLOW_KINDS];
    uint64_t time_waits;
    uint64_t count;              /* connections seen; a row is reused after ROWS of them */
    struct run_event rows[ROWS]; /* connection n is in row n % ROWS; its object is gone */
};

static struct run_event *row(struct live_view *self, uint64_t n)
{
    return &self->rows[n % ROWS];
}

static uint64_t oldest(const struct live_view *self)
{
    return self->count > ROWS ? self->count - ROWS : 0;
}

static bool ongoing(const struct run_event *event)
{
    return event->kind == RUN_OPENED || event->kind == RUN_UPDATED;
}

/* The newest row with that tuple which is still open; NULL: none is held. */
static struct run_event *find(struct live_view *self, const struct run_event *event)
{
    for (uint64_t n = self->count; n-- > oldest(self);) {
        struct run_event *held = row(self, n);

        if (ongoing(held) && held->netns == event->netns &&
            strcmp(held->local, event->local) == 0 && strcmp(held->remote, event->remote) == 0)
            return held;
    }
    return NULL;
}

static bool note(struct run_view *view, const struct run_event *event)
{
    struct live_view *self = (struct live_view *)view;

    if (event->kind == RUN_NOTE)
        return true;
    bool known = event->kind == RUN_UPDATED || event->kind == RUN_CLOSED;
    struct run_event *held = known ? find(self, event) : NULL;
    self->stale = true;
    self->totals[event->kind]++;
    self->time_waits += run_event_waits(event) ? 1 : 0;
    if (held == NULL)
        held = row(self, self->count++);
    *held = *event;
    held->object = NULL;
    return true;
}

static void draw(struct live_view *self)
{
    int last = LINES - 1;
    int at = HEAD_LINES;

    erase();
    mvprintw(0, 0,
             "%" PRIu64 " opened, %" PRIu64 " in TIME_WAIT, %" PRIu64 " closed, %" PRIu64
             " attempted",
             self->totals[RUN_OPENED], self->time_waits, self->totals[RUN_CLOSED],
             self->totals[RUN_ATTEMPTED]);
    attron(A_BOLD);
    mvprintw(1, 0, "%12s  %-10s %-26s %-26s %s", "Seen", "Event", "Local Address:Port",
             "Peer Address:Port", "State");
    attroff(A_BOLD);
    for (uint64_t n = self->count; n-- > oldest(self) && at <= last; at++) {
        const struct run_event *held = row(self, n);

        mvprintw(at, 0, "%10.3f s  %-10s %-26s %-26s %s", (double)held->us / 1e6, held->action,
                 held->local, held->remote, held->state);
    }
    refresh();
}

/* getch also notices that the terminal has changed its size. */
static bool tick(struct run_view *view)
{
    struct live_view *self = (struct live_view *)view;

    for (int key = getch(); key != ERR; key = getch())
        self->stale = self->stale || key == KEY_RESIZE;
    if (self->stale)
        draw(self);
    self->stale = false;
    return true;
}

static void end(struct run_view *view)
{
    struct live_view *self = (struct live_view *)view;

    endwin();
    delscreen(self->screen);
    free(self);
}

struct run_view *run_view_live(void)
{
    struct live_view *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    self->screen = newterm(NULL, stdout, stdin);
    if (self->screen == NULL) {
        free(self);
        return NULL;
    }
    cbreak();
    noecho();
    nodelay(stdscr, TRUE);
    curs_set(0);
    self->stale = true;
    self->view = (struct run_view){note, run_view_no_console, tick, end, false};
    return &self->view;
}
