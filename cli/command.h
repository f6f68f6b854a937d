/*
 * What a command of tdx-tracker is, and the exit statuses that all of them share.
 *
 * A command gets its own name in argv[0], prints its own errors (errors.h) and returns the exit
 * status: one of enum outcome, or 128 + the signal that stopped it.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

enum outcome {
    OUTCOME_DONE = 0,        /* also when there is nothing to list */
    OUTCOME_USAGE = 2,       /* the command line makes no sense */
    OUTCOME_INPUT = 3,       /* the input is unusable */
    OUTCOME_ENVIRONMENT = 4, /* this machine lacks something: room, memory, a permission */
    OUTCOME_SIGNAL = 128     /* plus the number of the signal */
};

int scan_command(int argc, char **argv);
int run_command(int argc, char **argv);

#endif
