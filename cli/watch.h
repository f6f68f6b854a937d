/*
 * Guest memory under watch: the same bytes, but reads fail once a signal asked to stop or the
 * file was lost, so that the longest search in lib/ ends at once; and a line of progress on a
 * terminal when it takes more than a second.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "guestmem/guestmem.h"

struct watch {
    char text[64];  /* what is being done; "": no progress is shown */
    uint64_t since; /* clock_ns at its beginning */
    unsigned reads; /* since the clock was last looked at */
    bool shown;
};

struct watched {
    struct guestmem memory; /* serves the reads */
    struct watch *watch;
};

/* Begins a task. Progress is shown only when stderr is a terminal. */
void watch_begin(struct watch *watch, const char *task, uint64_t bytes);

/* Ends it and wipes the line; harmless when there is none. */
void watch_end(struct watch *watch);

/* `watched->memory` under `watched->watch`; both must outlive the result. */
struct guestmem watch_memory(struct watched *watched);

#endif
