/* The command line of `tdx-tracker run`. */
#ifndef CLI_RUN_OPTIONS_H
#define CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "command.h"

enum run_format {
    RUN_TABLE,
    RUN_JSON
};

enum {
    RUN_EXTRA_MAX = 64
};

struct run_options {
    const char *kernel;
    const char *initrd; /* NULL: none */
    const char *append;
    const char *logs;                 /* directory to keep the logs in; NULL: none are kept */
    const char *extra[RUN_EXTRA_MAX]; /* further arguments of QEMU */
    size_t extra_count;
    uint64_t memory_mib; /* of the TD, svsm's own included */
    uint32_t period_us;  /* CONFIG_PERIOD_US_MIN .. CONFIG_PERIOD_US_MAX (abi/config.h) */
    enum run_format format;
    bool track;   /* false: L2 runs and nothing is looked at */
    bool network; /* QEMU's user network; false: L2 has loopback only */
    bool live;
    bool help; /* nothing else matters */
};

/* OUTCOME_USAGE, with a line about it, when the arguments make no sense. */
MUST_CHECK enum outcome run_options_parse(int argc, char **argv, struct run_options *options);

/* The text of --help. */
const char *run_options_help(void);

/* "500us", "100ms", "1s", "1m"; false for anything else and for what does not fit. */
MUST_CHECK bool run_period(const char *text, uint64_t *us);

#endif
