/*
 * Guest memory that is attended to: the same bytes, but reads fail once a signal asked to stop or
 * the file was lost, so that the longest search in lib/ ends at once; and a line of progress on a
 * terminal when it takes more than a second.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "guestmem/guestmem.h"

struct progress {
    char text[64];  /* what is being done; "": no progress is shown */
    uint64_t since; /* clock_ns at its beginning */
    unsigned reads; /* since the clock was last looked at */
    bool shown;
};

struct progress_memory {
    struct guestmem memory; /* serves the reads */
    struct progress *progress;
};

/* Begins a task. Progress is shown only when stderr is a terminal. */
void progress_begin(struct progress *progress, const char *task, uint64_t bytes);

/* Ends it and wipes the line; harmless when there is none. */
void progress_end(struct progress *progress);

/* `attended->memory` under `attended->progress`; both must outlive the result. */
struct guestmem progress_memory_of(struct progress_memory *attended);

#endif
