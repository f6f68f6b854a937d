/* The command line of `tdx-tracker scan`. */
#ifndef CLI_SCAN_OPTIONS_H
#define CLI_SCAN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "command.h"

enum scan_format {
    SCAN_TABLE,
    SCAN_JSON,
    SCAN_CSV
};

struct scan_options {
    const char *memory;
    const char *output; /* NULL: standard output */
    enum scan_format format;
    uint64_t below_4g; /* 0: find it */
    bool no_color;
    bool no_owners;
    bool counters;
    bool help; /* nothing else matters */
};

/* OUTCOME_USAGE, with a line about it, when the arguments make no sense. */
MUST_CHECK enum outcome scan_options_parse(int argc, char **argv, struct scan_options *options);

/* The text of --help. */
const char *scan_options_help(void);

#endif
