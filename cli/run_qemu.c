#include "run_qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errors.h"
#include "run_arguments.h"

enum {
    STOP_MS = 2000
};

struct run_qemu run_qemu_none(void)
{
    struct run_qemu qemu = {.process = -1};

    for (size_t i = 0; i < RUN_CHANNELS; i++)
        qemu.near[i] = -1;
    return qemu;
}

static void close_all(int files[RUN_CHANNELS])
{
    for (size_t i = 0; i < RUN_CHANNELS; i++) {
        if (files[i] >= 0)
            close(files[i]);
        files[i] = -1;
    }
}

static bool open_channels(struct run_qemu *qemu, int far[RUN_CHANNELS])
{
    for (size_t i = 0; i < RUN_CHANNELS; i++) {
        int pair[2];

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            return false;
        qemu->near[i] = pair[0];
        far[i] = pair[1];
    }
    return true;
}

/* Becomes QEMU; the number of what went wrong goes to `report`. Only async-signal-safe calls. */
static _Noreturn void become(char *const *arguments, const int far[RUN_CHANNELS], int config,
                             int report, pid_t parent)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    int null = open("/dev/null", O_RDONLY);

    setpgid(0, 0);
    sigaction(SIGPIPE, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && dup2(null, STDIN_FILENO) >= 0 &&
        dup2(far[RUN_ERRORS], STDOUT_FILENO) >= 0 && dup2(far[RUN_ERRORS], STDERR_FILENO) >= 0 &&
        fcntl(far[RUN_SVSM], F_SETFD, 0) == 0 && fcntl(far[RUN_TDXEMU], F_SETFD, 0) == 0 &&
        fcntl(far[RUN_CONSOLE], F_SETFD, 0) == 0 && fcntl(config, F_SETFD, 0) == 0)
        execvp(arguments[0], arguments);
    int number = errno;
    (void)!write(report, &number, sizeof number);
    _exit(127);
}

static enum outcome complain_start(int number)
{
    if (number == ENOENT)
        return complain(OUTCOME_ENVIRONMENT, "qemu-system-x86_64",
                        "not found: install the Debian package qemu-system-x86");
    return complain(OUTCOME_ENVIRONMENT, "qemu-system-x86_64",
                    "cannot be started: %s: check the package qemu-system-x86", strerror(number));
}

/* Returns once QEMU runs, or has not come to run. */
static int launch(struct run_qemu *qemu, char *const *arguments, const int far[RUN_CHANNELS],
                  int config)
{
    int report[2];
    int number = 0;
    pid_t self = getpid();

    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    pid_t pid = fork();
    if (pid == 0)
        become(arguments, far, config, report[1], self);
    close(report[1]);
    if (pid < 0) {
        number = errno;
    } else {
        qemu->pid = pid;
        while (read(report[0], &number, sizeof number) < 0 && errno == EINTR)
            continue;
    }
    close(report[0]);
    return number;
}

static enum outcome start(struct run_qemu *qemu, const struct run_arguments *arguments,
                          const int far[RUN_CHANNELS], int config)
{
    if (arguments->failed)
        return complain(OUTCOME_ENVIRONMENT, "run", "not enough memory: check 'ulimit -v'");
    int number = launch(qemu, arguments->values, far, config);
    if (number != 0)
        return complain_start(number);
    qemu->process = pidfd_open(qemu->pid, 0);
    return qemu->process >= 0 ? OUTCOME_DONE : complain_start(errno);
}

enum outcome run_qemu_start(const struct run_options *options, const struct run_inputs *inputs,
                            const struct run_config *config, struct run_qemu *qemu)
{
    struct run_arguments arguments;
    int far[RUN_CHANNELS] = {-1, -1, -1, -1};
    enum outcome outcome;

    if (open_channels(qemu, far)) {
        run_arguments_make(&arguments, options, inputs, config, far);
        outcome = start(qemu, &arguments, far, config->file);
        run_arguments_free(&arguments);
    } else {
        outcome = complain(OUTCOME_ENVIRONMENT, "run",
                           "no sockets to be had: %s: check 'ulimit -n'", strerror(errno));
    }
    close_all(far);
    return outcome;
}

void run_qemu_reap(struct run_qemu *qemu)
{
    while (waitpid(qemu->pid, &qemu->status, 0) < 0 && errno == EINTR)
        continue;
    qemu->pid = 0;
}

void run_qemu_stop(struct run_qemu *qemu)
{
    struct pollfd process = {.fd = qemu->process, .events = POLLIN};

    if (qemu->pid == 0)
        return;
    kill(qemu->pid, SIGTERM);
    if (qemu->process < 0 || poll(&process, 1, STOP_MS) != 1)
        kill(qemu->pid, SIGKILL);
    run_qemu_reap(qemu);
}

void run_qemu_end(struct run_qemu *qemu)
{
    run_qemu_stop(qemu);
    close_all(qemu->near);
    if (qemu->process >= 0)
        close(qemu->process);
    qemu->process = -1;
}
