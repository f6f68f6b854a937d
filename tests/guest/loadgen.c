/*
 * loadgen: start, and what client and server share with the process.
 */
#include "loadgen.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

void die(int status, const char *format, ...)
{
    va_list args;

    fputs("loadgen: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(status);
}

int signals_fd(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);

    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        die(1, "signalfd: %s", strerror(errno));
    return fd;
}

void become(int64_t uid)
{
    if (uid < 0)
        return;
    if (setgroups(0, NULL) || setgid((gid_t)uid) || setuid((uid_t)uid))
        die(1, "cannot become uid %lld: %s", (long long)uid, strerror(errno));
}

/* Takes as many file descriptors as we may; running out of them later is reported there. */
static void raise_fd_limit(void)
{
    struct rlimit limit = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};

    if (!setrlimit(RLIMIT_NOFILE, &limit) || getrlimit(RLIMIT_NOFILE, &limit))
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
    struct options opt;

    options_parse(&opt, argc, argv);
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        die(1, "signal: %s", strerror(errno));
    raise_fd_limit();
    return opt.serve ? server_run(&opt) : client_run(&opt);
}
