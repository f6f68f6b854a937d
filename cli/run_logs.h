/* What a machine says on its channels, kept in a directory: svsm.log, tdxemu.log, ... */
#ifndef CLI_RUN_LOGS_H
#define CLI_RUN_LOGS_H

#include "run_qemu.h"

struct run_logs {
    int files[RUN_CHANNELS]; /* -1: not kept */
    bool failed;             /* something could not be written */
};

/* Opens none. */
struct run_logs run_logs_none(void);

/* Makes the directory if need be and the files anew. run_logs_close is due in any case. */
MUST_CHECK enum outcome run_logs_open(const char *directory, struct run_logs *logs);

void run_logs_add(struct run_logs *logs, enum run_channel channel, const char *bytes,
                  size_t length);

void run_logs_close(struct run_logs *logs);

#endif
