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

/* What the stream writes to. The first error is kept: nobody above it reports errno reliably. */
static ssize_t write_out(void *cookie, const char *bytes, size_t size)
{
    struct output *output = cookie;
    size_t done = 0;

    while (done < size && output->error == 0) {
        ssize_t written = write(output->file, bytes + done, size - done);
        if (written >= 0)
            done += (size_t)written;
        else if (errno != EINTR || signals_pending() != 0)
            output->error = errno;
    }
    return output->error == 0 ? (ssize_t)size : 0;
}

static enum outcome open_stream(struct output *output)
{
    output->stream = fopencookie(output, "w", (cookie_io_functions_t){.write = write_out});
    return output->stream != NULL ? OUTCOME_DONE : cannot_write(output->name, ENOMEM);
}

static enum outcome open_aside(struct output *output, mode_t mode)
{
    if (!name_aside(output))
        return cannot_write(output->name, ENAMETOOLONG);
    output->file = mkostemp(output->aside, O_CLOEXEC);
    if (output->file < 0) {
        output->aside[0] = '\0';
        return cannot_write(output->name, errno);
    }
    if (fchmod(output->file, mode) != 0)
        return cannot_write(output->name, errno);
    return open_stream(output);
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
        output->file = open(output->name, O_WRONLY | O_CLOEXEC);
        return output->file >= 0 ? open_stream(output) : cannot_write(output->name, errno);
    }
    /* Through a symbolic link, the file it leads to is replaced. */
    if (realpath(output->name, output->path) == NULL)
        return cannot_write(output->name, errno);
    return open_aside(output, status->st_mode & 0777);
}

enum outcome output_open(const char *path, const struct mapping *input, struct output *output)
{
    struct stat status;

    *output =
        (struct output){.name = path == NULL ? "standard output" : path, .file = STDOUT_FILENO};
    if (path == NULL)
        return open_stream(output);
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

/* Closes what is open; the first error stays in output->error. */
static void close_output(struct output *output)
{
    if (output->stream == NULL)
        return;
    if (fclose(output->stream) != 0 && output->error == 0)
        output->error = errno;
    output->stream = NULL;
    if (output->aside[0] != '\0' && output->error == 0 && fsync(output->file) != 0)
        output->error = errno;
    if (close(output->file) != 0 && output->error == 0)
        output->error = errno;
}

enum outcome output_commit(struct output *output)
{
    close_output(output);
    if (output->error != 0)
        return output_complain(output);
    if (output->aside[0] == '\0')
        return OUTCOME_DONE;
    if (rename(output->aside, output->path) != 0)
        return cannot_write(output->name, errno);
    output->aside[0] = '\0';
    return OUTCOME_DONE;
}

void output_discard(struct output *output)
{
    if (output->error == 0)
        output->error = ECANCELED; /* what is still buffered goes nowhere */
    close_output(output);
    if (output->aside[0] != '\0')
        unlink(output->aside);
    output->aside[0] = '\0';
}

enum outcome output_complain(const struct output *output)
{
    int error = output->error != 0 ? output->error : ENOMEM;

    if (error == EPIPE || (error == EINTR && signals_pending() != 0))
        return OUTCOME_SIGNAL;
    return cannot_write(output->name, error);
}

int output_finish_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return OUTCOME_DONE;
    return (int)cannot_write("standard output", errno);
}
