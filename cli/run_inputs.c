#include "run_inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "run_bzimage.h"
#include "run_memory.h"
#include "text.h"

/* Opens a file that must have bytes to give; -1 after a complaint. */
static int open_input(const char *path, const char *what, uint64_t *size)
{
    struct stat status;
    /* O_NONBLOCK: opening a pipe nobody writes to must not hang. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (file < 0 || fstat(file, &status) != 0) {
        (void)complain(OUTCOME_INPUT, path, "cannot be opened: %s: check the path of the %s",
                       strerror(errno), what);
    } else if (!S_ISREG(status.st_mode)) {
        (void)complain(OUTCOME_INPUT, path, "is not a regular file: give the %s itself", what);
    } else if (status.st_size == 0) {
        (void)complain(OUTCOME_INPUT, path, "is empty: give a complete %s", what);
    } else {
        *size = (uint64_t)status.st_size;
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

/* Reads up to `room` bytes at `at`; what the file does not have is zeros. */
static void read_at(int file, uint64_t at, unsigned char *to, size_t room)
{
    memset(to, 0, room);
    if (at <= INT64_MAX && pread(file, to, room, (off_t)at) < 0)
        memset(to, 0, room);
}

static enum outcome look_at_kernel(const char *path, int file, uint64_t size, struct bzimage *image)
{
    unsigned char head[BZIMAGE_HEAD];
    unsigned char magic[BZIMAGE_MAGIC];
    struct evidence evidence = {.what = "is not a bzImage"};

    read_at(file, 0, head, sizeof head);
    if (bzimage_parse(head, size < sizeof head ? (size_t)size : sizeof head, size, image,
                      &evidence) != STATUS_OK)
        return complain(OUTCOME_INPUT, path, "%s", evidence.what);
    read_at(file, image->payload, magic, sizeof magic);
    if (!bzimage_is_payload(magic))
        return complain(OUTCOME_INPUT, path,
                        "is corrupt: no compressed kernel at byte %" PRIu64 ": copy the file again",
                        image->payload);
    return OUTCOME_DONE;
}

static enum outcome check_kernel(const struct run_options *options, struct bzimage *image)
{
    uint64_t size;
    int file = open_input(options->kernel, "kernel", &size);

    if (file < 0)
        return OUTCOME_INPUT;
    enum outcome outcome = look_at_kernel(options->kernel, file, size, image);
    close(file);
    if (outcome == OUTCOME_DONE && !run_memory_fits(options->memory_mib, image, 0))
        outcome = complain(OUTCOME_INPUT, options->kernel,
                           "does not fit in %" PRIu64 " MiB of memory: give more --memory",
                           options->memory_mib);
    return outcome;
}

static enum outcome check_initrd(const struct run_options *options, const struct bzimage *image)
{
    char text[32];
    struct text size_text = text_in(text, sizeof text);
    uint64_t size;

    if (options->initrd == NULL)
        return OUTCOME_DONE;
    int file = open_input(options->initrd, "initrd", &size);
    if (file < 0)
        return OUTCOME_INPUT;
    close(file);
    if (run_memory_fits(options->memory_mib, image, size))
        return OUTCOME_DONE;
    text_add_size(&size_text, size);
    return complain(OUTCOME_INPUT, options->initrd,
                    "is too large: %s do not fit beside the kernel in %" PRIu64
                    " MiB of memory: give more --memory, or a smaller initrd",
                    text, options->memory_mib);
}

/* `folder`/`name`, when that can be read. */
static bool readable(char path[PATH_MAX], const char *folder, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);

    return length > 0 && length < PATH_MAX && access(path, R_OK) == 0;
}

/* The folder of this program; "", whose files are those of /, when that cannot be told. */
static void own_folder(char folder[PATH_MAX])
{
    ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);

    folder[length < 0 ? 0 : length] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        slash = folder;
    *slash = '\0';
}

static enum outcome find_image(char path[PATH_MAX], const char *built, const char *installed)
{
    char folder[PATH_MAX];

    own_folder(folder);
    if (readable(path, folder, built) || readable(path, RUN_IMAGES, installed))
        return OUTCOME_DONE;
    return complain(OUTCOME_ENVIRONMENT, installed,
                    "is neither in %s (%s) nor in %s: run 'make build' or 'make install'", folder,
                    built, RUN_IMAGES);
}

enum outcome run_inputs_check(const struct run_options *options, struct run_inputs *inputs)
{
    struct bzimage image = {.init_size = 0};
    enum outcome outcome = check_kernel(options, &image);

    if (outcome == OUTCOME_DONE)
        outcome = check_initrd(options, &image);
    if (outcome == OUTCOME_DONE)
        outcome = find_image(inputs->tdxemu, "tdxemu/tdxemu.bin", "tdxemu.bin");
    if (outcome == OUTCOME_DONE)
        outcome = find_image(inputs->svsm, "svsm/svsm.bin", "svsm.bin");
    return outcome;
}
