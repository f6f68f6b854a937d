/*
 * sockzoo: the inventory, printed as it is made, and compared with /proc before 'ready' is said.
 */
#include "sockzoo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES_MAX    64
#define SETTLE_SECONDS 20
#define PAUSE_NS       10000000

/* The numbers of /proc/net/tcp. */
static const char *const state_names[] = {
    [1] = "ESTABLISHED", [2] = "SYN_SENT",  [3] = "SYN_RECV", [4] = "FIN_WAIT1",
    [5] = "FIN_WAIT2",   [6] = "TIME_WAIT", [7] = "CLOSE",    [8] = "CLOSE_WAIT",
    [9] = "LAST_ACK",    [10] = "LISTEN",   [11] = "CLOSING",
};

struct entry {
    const char *state;
    unsigned lport;
    unsigned rport;
    bool seen;
};

static struct entry entries[ENTRIES_MAX];
static size_t count;

/* Where a socket is bound to. */
static unsigned local_end(int fd, char *text, size_t size)
{
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    socklen_t len = sizeof(sa);

    if (getsockname(fd, (struct sockaddr *)&sa, &len))
        fail("getsockname");
    memcpy(&v4, &sa, sizeof(v4));
    memcpy(&v6, &sa, sizeof(v6));
    if (sa.ss_family == AF_INET)
        inet_ntop(AF_INET, &v4.sin_addr, text, (socklen_t)size);
    else
        inet_ntop(AF_INET6, &v6.sin6_addr, text, (socklen_t)size);
    return ntohs(sa.ss_family == AF_INET ? v4.sin_port : v6.sin6_port);
}

void inventory(const char *name, const char *state, int local_fd, int remote_fd)
{
    char laddr[INET6_ADDRSTRLEN];
    char raddr[INET6_ADDRSTRLEN] = "";
    struct entry *entry = &entries[count];

    errno = ENOSPC;
    if (count++ == ENTRIES_MAX)
        fail("inventory");
    entry->state = state;
    entry->lport = local_end(local_fd, laddr, sizeof(laddr));
    entry->rport = remote_fd < 0 ? 0 : local_end(remote_fd, raddr, sizeof(raddr));
    printf("%s,%s,%s,%u,%s,%u,%u\n", name, state, laddr, entry->lport, raddr, entry->rport,
           geteuid());
    fflush(stdout);
}

static void mark(unsigned lport, unsigned rport, unsigned state)
{
    if (state >= sizeof(state_names) / sizeof(state_names[0]) || !state_names[state])
        return;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].lport == lport && entries[i].rport == rport &&
            !strcmp(entries[i].state, state_names[state]))
            entries[i].seen = true;
    }
}

static void mark_table(const char *path)
{
    char line[512];
    unsigned lport;
    unsigned rport;
    unsigned state;
    FILE *file = fopen(path, "re");

    if (!file)
        fail(path);
    while (fgets(line, sizeof(line), file)) {
        /* NOLINTNEXTLINE(cert-err34-c): the kernel wrote it */
        if (sscanf(line, " %*u: %*[^:]:%x %*[^:]:%x %x", &lport, &rport, &state) == 3)
            mark(lport, rport, state);
    }
    fclose(file);
}

static bool settled(void)
{
    for (size_t i = 0; i < count; i++)
        entries[i].seen = false;
    mark_table("/proc/self/net/tcp");
    mark_table("/proc/self/net/tcp6");
    for (size_t i = 0; i < count; i++) {
        if (!entries[i].seen)
            return false;
    }
    return true;
}

/* Packets on the loopback are mostly, not always, processed before the call that sends them
 * returns, and nothing tells of the other end's state but the table itself. */
void inventory_settle(void)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    time_t end = time(NULL) + SETTLE_SECONDS;

    while (!settled()) {
        errno = ETIMEDOUT;
        if (time(NULL) > end)
            fail("the sockets do not reach their states");
        nanosleep(&pause, NULL);
    }
}
