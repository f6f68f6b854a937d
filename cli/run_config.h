/* The owner's configuration (abi/config.h) as a file for QEMU and as MRCONFIGID. */
#ifndef CLI_RUN_CONFIG_H
#define CLI_RUN_CONFIG_H

#include "run_options.h"

enum {
    RUN_CONFIG_ID_ROOM = 2 * 48 + 1
};

struct run_config {
    int file;                    /* in memory: nothing to remove, whatever ends us */
    char id[RUN_CONFIG_ID_ROOM]; /* SHA-384 of it in hex */
};

/* Complains when it cannot be made. `config->file` is the caller's to close. */
MUST_CHECK enum outcome run_config_make(const struct run_options *options,
                                        struct run_config *config);

#endif
