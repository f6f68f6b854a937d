/*
 * Signals that ask the tool to stop. They set a flag, nothing more; whoever loops looks at it.
 *
 * SIGPIPE is ignored, so that a reader who has gone away is a write error with a clean-up behind
 * it (as is SIGXFSZ, a file that gets too large); signals_die_of_pipe then ends the process the way
 * the signal would have.
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

void signals_install(void);

/* Number of the signal that arrived (SIGINT, SIGTERM, SIGHUP), 0: none. */
int signals_pending(void);

/* Ends the process by SIGPIPE. Returns the status of it when the signal is blocked. */
int signals_die_of_pipe(void);

#endif
