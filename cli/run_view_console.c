/*
 * The console of L2 on the terminal, both ways. Keys go to L2 as they are typed, except for the
 * ones that send a signal: Ctrl-C ends the machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "run_view.h"
#include "signals.h"

struct console_view {
    struct run_view view; /* first: what the interface hands around */
    struct termios before;
    bool changed;
};

static bool write_all(struct run_view *view, const char *bytes, size_t length)
{
    (void)view;
    for (size_t done = 0; done < length;) {
        ssize_t written = write(STDOUT_FILENO, bytes + done, length - done);

        if (written >= 0)
            done += (size_t)written;
        else if (errno != EINTR || signals_pending() != 0)
            return false;
    }
    return true;
}

static void end(struct run_view *view)
{
    struct console_view *self = (struct console_view *)view;

    if (self->changed)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &self->before);
    free(self);
}

/* Takes the keyboard, if there is one and this is the job that it belongs to. */
static bool take_keys(struct console_view *self)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &self->before) != 0 || tcgetpgrp(STDIN_FILENO) != getpgrp())
        return false;
    raw = self->before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_iflag &= (tcflag_t) ~(ICRNL | IXON);
    raw.c_cc[VQUIT] = _POSIX_VDISABLE;
    raw.c_cc[VSUSP] = _POSIX_VDISABLE;
    self->changed = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
    return self->changed;
}

struct run_view *run_view_console(void)
{
    struct console_view *self = calloc(1, sizeof *self);

    if (self == NULL)
        return NULL;
    self->view = (struct run_view){run_view_no_event, write_all, run_view_no_tick, end, false};
    self->view.takes_keys = take_keys(self);
    return &self->view;
}
