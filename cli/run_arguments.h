/* QEMU's command line. */
#ifndef CLI_RUN_ARGUMENTS_H
#define CLI_RUN_ARGUMENTS_H

#include "run_config.h"
#include "run_inputs.h"
#include "run_qemu.h"

enum {
    RUN_ARGUMENTS_MAX = 128
};

struct run_arguments {
    char *values[RUN_ARGUMENTS_MAX + 1]; /* NULL-terminated */
    size_t count;
    bool failed; /* no memory: incomplete */
};

/* `far` are the descriptors that QEMU inherits. run_arguments_free is due in any case. */
void run_arguments_make(struct run_arguments *arguments, const struct run_options *options,
                        const struct run_inputs *inputs, const struct run_config *config,
                        const int far[RUN_CHANNELS]);

void run_arguments_free(struct run_arguments *arguments);

#endif
