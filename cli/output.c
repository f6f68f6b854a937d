#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "signals.h"

static enum outcome cannot_write(const char *name, int error)
{
    return complain(OUTCOME_ENVIRONMENT, name, "cannot be written: %s: give another --output",
                    strerror(error));
}

static mode_t mode_of_new_files(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* The name beside `path` under which the file is written. False: too long. */
static bool name_aside(struct output *output)
{
    const char *slash = strrchr(output->path, '/');
    int directory = slash == NULL ? 0 : (int)(slash - output->path) + 1;
    int length = snprintf(output->aside, sizeof output->aside, "%.*s.%s.XXXXXX", directory,
                          output->path, output->path + directory);

    return length > 0 && (size_t)length < sizeof output->aside;
}

static enum outcome open_aside(struct output *output, mode_t mode)
{
    int file = -1;

    if (name_aside(output))
        file = mkostemp(output->aside, O_CLOEXEC);
    else
        errno = ENAMETOOLONG;
    if (file >= 0 && fchmod(file, mode) == 0)
        output->stream = fdopen(file, "w");
    if (output->stream != NULL)
        return OUTCOME_DONE;

    int error = errno;
    if (file >= 0) {
        unlink(output->aside);
        close(file);
    }
    output->aside[0] = '\0';
    return cannot_write(output->name, error);
}

/* What exists under the name decides how it is written. */
static enum outcome open_existing(const struct stat *status, const struct mapping *input,
                                  struct output *output)
{
    if (S_ISDIR(status->st_mode))
        return complain(OUTCOME_USAGE, output->name, "is a directory: name a file in it");
    if (status->st_dev == input->device && status->st_ino == input->inode)
        return complain(OUTCOME_USAGE, output->name,
                        "is the memory being read: give another --output");
    if (!S_ISREG(status->st_mode)) {
        output->stream = fopen(output->name, "we");
        return output->stream != NULL ? OUTCOME_DONE : cannot_write(output->name, errno);
    }
    /* Through a symbolic link, the file it leads to is replaced. */
    if (realpath(output->name, output->path) == NULL)
        return cannot_write(output->name, errno);
    return open_aside(output, status->st_mode & 0777);
}

enum outcome output_open(const char *path, const struct mapping *input, struct output *output)
{
    struct stat status;

    *output = (struct output){.name = path == NULL ? "standard output" : path};
    if (path == NULL) {
        output->stream = stdout;
        return OUTCOME_DONE;
    }
    if (stat(path, &status) == 0)
        return open_existing(&status, input, output);
    if (errno != ENOENT)
        return cannot_write(path, errno);

    size_t length = strlen(path);
    if (length == 0 || length >= sizeof output->path)
        return cannot_write(path, length == 0 ? ENOENT : ENAMETOOLONG);
    memcpy(output->path, path, length + 1);
    return open_aside(output, mode_of_new_files());
}

/* Closes the stream; 0, or the errno value of the first failed write. */
static int close_stream(struct output *output)
{
    int error = ferror(output->stream) ? EIO : 0;

    errno = 0;
    if (fflush(output->stream) != 0 && errno != 0)
        error = errno;
    if (output->aside[0] != '\0' && error == 0 && fsync(fileno(output->stream)) != 0)
        error = errno;
    errno = 0;
    if (fclose(output->stream) != 0 && error == 0)
        error = errno != 0 ? errno : EIO;
    output->stream = NULL;
    return error;
}

enum outcome output_commit(struct output *output)
{
    int error = close_stream(output);

    if (error != 0)
        return output_complain(output, error);
    if (output->aside[0] == '\0')
        return OUTCOME_DONE;
    if (rename(output->aside, output->path) != 0)
        return cannot_write(output->name, errno);
    output->aside[0] = '\0';
    return OUTCOME_DONE;
}

void output_discard(struct output *output)
{
    if (output->stream != NULL && output->stream != stdout)
        fclose(output->stream);
    output->stream = NULL;
    if (output->aside[0] != '\0')
        unlink(output->aside);
    output->aside[0] = '\0';
}

enum outcome output_complain(const struct output *output, int error)
{
    if (error == EPIPE || (error == EINTR && signals_pending() != 0))
        return OUTCOME_SIGNAL;
    return cannot_write(output->name, error);
}

int output_finish_stdout(void)
{
    struct output output = {.stream = stdout, .name = "standard output"};

    return (int)output_commit(&output);
}
