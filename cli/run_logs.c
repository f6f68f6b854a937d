#include "run_logs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"

static const char *const names[RUN_CHANNELS] = {
    [RUN_SVSM] = "svsm.log",
    [RUN_TDXEMU] = "tdxemu.log",
    [RUN_CONSOLE] = "console.log",
    [RUN_ERRORS] = "qemu.log",
};

struct run_logs run_logs_none(void)
{
    struct run_logs logs = {.failed = false};

    for (size_t i = 0; i < RUN_CHANNELS; i++)
        logs.files[i] = -1;
    return logs;
}

static enum outcome cannot_write(const char *path, int error)
{
    return complain(OUTCOME_ENVIRONMENT, path, "cannot be written: %s: give another --logs",
                    strerror(error));
}

enum outcome run_logs_open(const char *directory, struct run_logs *logs)
{
    if (directory == NULL)
        return OUTCOME_DONE;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return cannot_write(directory, errno);
    int folder = open(directory, O_DIRECTORY | O_PATH | O_CLOEXEC);
    if (folder < 0)
        return cannot_write(directory, errno);
    for (size_t i = 0; i < RUN_CHANNELS; i++) {
        logs->files[i] = openat(folder, names[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (logs->files[i] < 0) {
            enum outcome outcome = cannot_write(names[i], errno);
            close(folder);
            return outcome;
        }
    }
    close(folder);
    return OUTCOME_DONE;
}

void run_logs_add(struct run_logs *logs, enum run_channel channel, const char *bytes, size_t length)
{
    int file = logs->files[channel];

    for (size_t done = 0; file >= 0 && done < length;) {
        ssize_t written = write(file, bytes + done, length - done);

        if (written >= 0) {
            done += (size_t)written;
        } else if (errno != EINTR) {
            logs->failed = true;
            return;
        }
    }
}

void run_logs_close(struct run_logs *logs)
{
    for (size_t i = 0; i < RUN_CHANNELS; i++) {
        if (logs->files[i] >= 0)
            close(logs->files[i]);
        logs->files[i] = -1;
    }
}
