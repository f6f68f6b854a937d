/*
 * sockzoo: who owns sockets. Other users' sockets, and one that two processes share, are made by
 * children before the parent opens its own, so that nothing else is inherited.
 */
#include "sockzoo.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const uid_t uids[] = {1000, 65534};

/* Waits for SIGTERM or SIGINT, which are blocked in all of our processes. */
static void wait_for_signal(void)
{
    sigset_t set;
    int signal;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigwait(&set, &signal);
}

static void block_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void own_as(uid_t uid)
{
    struct end addr = {.family = AF_INET};
    char name[32];

    if (uid && (setgroups(0, NULL) || setgid(uid) || setuid(uid)))
        fail("cannot become another user (run as root)");
    snprintf(name, sizeof(name), "uid-%u", uid);
    struct pair pair = new_pair(AF_INET);
    inventory(name, "LISTEN", new_listener(&addr, false), -1);
    inventory(name, "ESTABLISHED", pair.active, pair.passive);
    inventory(name, "ESTABLISHED", pair.passive, pair.active);
}

/* Forks a child that runs own_as(uid), or only keeps what is open, and tells when it is done. A
 * change of user clears the wish to die with the parent: it is made afterwards. */
static pid_t fork_owner(uid_t uid)
{
    int done[2];
    char byte = 0;

    if (pipe(done))
        fail("pipe");
    pid_t pid = fork();
    if (pid < 0)
        fail("fork");
    if (!pid) {
        close(done[0]);
        if (uid)
            own_as(uid);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (write(done[1], &byte, 1) != 1)
            exit(1);
        close(done[1]);
        wait_for_signal();
        exit(0);
    }
    close(done[1]);
    if (read(done[0], &byte, 1) != 1)
        exit(1);
    close(done[0]);
    return pid;
}

int main(void)
{
    pid_t children[sizeof(uids) / sizeof(uids[0]) + 1];
    size_t count = 0;

    block_signals();
    for (; count < sizeof(uids) / sizeof(uids[0]); count++)
        children[count] = fork_owner(uids[count]);

    struct pair shared = new_pair(AF_INET);
    inventory("shared", "ESTABLISHED", shared.active, shared.passive);
    inventory("shared", "ESTABLISHED", shared.passive, shared.active);
    children[count++] = fork_owner(0);

    zoo_open();
    inventory_settle();
    puts("ready");
    fflush(stdout);
    wait_for_signal();
    while (count) {
        kill(children[--count], SIGTERM);
        waitpid(children[count], NULL, 0);
    }
    return 0;
}
