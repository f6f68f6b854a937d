/*
 * QEMU as a child process: its command line, its channels, its end.
 *
 * The child never outlives this process, whatever ends it, and is in a process group of its own,
 * so that Ctrl-C reaches it through us only. Every channel is a stream socket whose near end is
 * ours.
 */
#ifndef CLI_RUN_QEMU_H
#define CLI_RUN_QEMU_H

#include <sys/types.h>

#include "run_config.h"
#include "run_inputs.h"

enum run_channel {
    RUN_SVSM,    /* svsm's debug port */
    RUN_TDXEMU,  /* tdxemu's */
    RUN_CONSOLE, /* L2's hvc0; the only one that is also written to */
    RUN_ERRORS,  /* QEMU's own standard output and error */
    RUN_CHANNELS
};

struct run_qemu {
    pid_t pid; /* 0: not running */
    int process;
    int near[RUN_CHANNELS]; /* -1: closed */
    int status;             /* as of waitpid, once it has ended */
};

/* Nothing is running yet, nothing is open. */
struct run_qemu run_qemu_none(void);

/* Starts it. A complaint when it cannot be started; run_qemu_end is due in either case. */
MUST_CHECK enum outcome run_qemu_start(const struct run_options *options,
                                       const struct run_inputs *inputs,
                                       const struct run_config *config, struct run_qemu *qemu);

/* After `process` has become readable: takes the status. */
void run_qemu_reap(struct run_qemu *qemu);

/* Asks it to end, and makes it when it does not do so within two seconds. Harmless when ended. */
void run_qemu_stop(struct run_qemu *qemu);

/* Stops it and closes what is open. */
void run_qemu_end(struct run_qemu *qemu);

#endif
