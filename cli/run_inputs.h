/*
 * The files that a machine is started from: L2's kernel and initrd, given by the user, and
 * tdxemu.bin and svsm.bin, which belong to this program.
 */
#ifndef CLI_RUN_INPUTS_H
#define CLI_RUN_INPUTS_H

#include <limits.h>

#include "run_options.h"

struct run_inputs {
    char tdxemu[PATH_MAX];
    char svsm[PATH_MAX];
};

/*
 * Looks at kernel and initrd, and that they fit in the TD's memory; finds the images, beside this
 * program (a build directory) or where they were installed. Complains about what is wrong.
 */
MUST_CHECK enum outcome run_inputs_check(const struct run_options *options,
                                         struct run_inputs *inputs);

#endif
