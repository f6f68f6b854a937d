/*
 * Where results go: standard output, or a file that appears only when it is complete.
 *
 * A regular file is written aside in its directory and renamed over the path by output_commit;
 * until then an existing file is as it was, and output_discard leaves nothing behind. A path that
 * is a device or a pipe is written directly.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <limits.h>
#include <stdio.h>

#include "base/status.h"
#include "command.h"
#include "mapping.h"

/* The stream refers to the struct: it never moves between output_open and output_commit. */
struct output {
    FILE *stream;
    int file;
    int error;            /* errno value of the first write that failed; 0: none */
    const char *name;     /* for messages */
    char path[PATH_MAX];  /* to be replaced; "": nothing is renamed */
    char aside[PATH_MAX]; /* written until then; "": nothing is there */
};

/* Opens `path`, or standard output when it is NULL. Refuses the file that is being read. */
MUST_CHECK enum outcome output_open(const char *path, const struct mapping *input,
                                    struct output *output);

/* Writes everything out and puts the file in its place. The stream is closed in any case. */
MUST_CHECK enum outcome output_commit(struct output *output);

/* Gives up: what was written aside is removed. Harmless on zeros and after output_commit. */
void output_discard(struct output *output);

/*
 * Complains that a row could not be written: the write failed, or memory ran out. When the reader
 * of a pipe has gone away, or a signal broke the write off, there is no line; the outcome is
 * OUTCOME_SIGNAL.
 */
enum outcome output_complain(const struct output *output);

/* Flushes standard output of a command that prints nothing else; the exit status. */
int output_finish_stdout(void);

#endif
