#include "mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"
#include "text.h"

/* What the SIGBUS handler must know. Set before the handler is, and then only by it. */
static void *guarded;
static size_t guarded_size;
static volatile sig_atomic_t lost;

static void replace_by_zeros(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    uintptr_t at = (uintptr_t)info->si_addr;
    (void)context;

    if (lost || at - (uintptr_t)guarded >= guarded_size ||
        mmap(guarded, guarded_size, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED)
        signal(number, SIG_DFL); /* not ours: the access is repeated, and ends the process */
    lost = 1;
    errno = saved;
}

static void guard(void *bytes, size_t size)
{
    struct sigaction action = {.sa_sigaction = replace_by_zeros, .sa_flags = SA_SIGINFO};

    guarded = bytes;
    guarded_size = size;
    lost = 0;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

/* Size of what was opened; 0 when it is of a kind that has none. */
static uint64_t size_of(int file, const struct stat *status)
{
    if (S_ISREG(status->st_mode))
        return (uint64_t)status->st_size;
    if (!S_ISBLK(status->st_mode))
        return 0;
    off_t end = lseek(file, 0, SEEK_END);
    return end < 0 ? 0 : (uint64_t)end;
}

static enum outcome refuse_kind(const char *path, const struct stat *status)
{
    if (S_ISDIR(status->st_mode))
        return complain(OUTCOME_INPUT, path, "is a directory: name the RAM file or dump in it");
    if (S_ISREG(status->st_mode))
        return complain(OUTCOME_INPUT, path,
                        "is empty: name the RAM file of a running guest, or a complete dump");
    return complain(OUTCOME_INPUT, path,
                    "is neither a regular file nor a block device: copy its contents to a file");
}

static enum outcome map(struct mapping *mapping)
{
    void *bytes =
        mmap(NULL, mapping->size, PROT_READ, MAP_SHARED | MAP_NORESERVE, mapping->file, 0);

    if (bytes == MAP_FAILED)
        return complain(OUTCOME_ENVIRONMENT, mapping->path,
                        "cannot be mapped: %s: check 'ulimit -v' and the file system",
                        strerror(errno));
    /* A crash of this tool must not write the guest's memory to a core file. */
    madvise(bytes, mapping->size, MADV_DONTDUMP);
    guard(bytes, mapping->size);
    mapping->bytes = bytes;
    return OUTCOME_DONE;
}

enum outcome mapping_open(const char *path, struct mapping *mapping)
{
    struct stat status;

    *mapping = (struct mapping){.path = path};
    /* O_NONBLOCK: opening a pipe nobody writes to must not hang. */
    mapping->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (mapping->file < 0 || fstat(mapping->file, &status) != 0)
        return complain(OUTCOME_INPUT, path,
                        "cannot be opened: %s: check the path and its permissions",
                        strerror(errno));
    mapping->device = status.st_dev;
    mapping->inode = status.st_ino;
    mapping->size = size_of(mapping->file, &status);
    if (mapping->size == 0)
        return refuse_kind(path, &status);
    return map(mapping);
}

bool mapping_lost(void)
{
    return lost != 0;
}

bool mapping_shrunk(const struct mapping *mapping)
{
    struct stat status;

    return mapping_lost() || (fstat(mapping->file, &status) == 0 && S_ISREG(status.st_mode) &&
                              (uint64_t)status.st_size < mapping->size);
}

enum outcome mapping_complain(const struct mapping *mapping)
{
    char sizes[64];
    struct text text = text_in(sizes, sizeof sizes);
    struct stat status;

    if (fstat(mapping->file, &status) != 0 || !S_ISREG(status.st_mode) ||
        (uint64_t)status.st_size >= mapping->size)
        return complain(OUTCOME_INPUT, mapping->path,
                        "part of it cannot be read: check the disk and the kernel log");
    text_add_size(&text, mapping->size);
    text_add(&text, " became ");
    text_add_size(&text, (uint64_t)status.st_size);
    return complain(OUTCOME_INPUT, mapping->path,
                    "truncated while being read (%s): scan a guest that runs, or a finished dump",
                    sizes);
}

void mapping_close(struct mapping *mapping)
{
    if (mapping->bytes != NULL)
        munmap(guarded, guarded_size);
    if (mapping->file >= 0)
        close(mapping->file);
    *mapping = (struct mapping){.file = -1};
}
