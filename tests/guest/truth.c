/*
 * loadgen: the truth, one CSV line a connection. Whole lines are appended by single writes, so
 * several processes may share a file; times are CLOCK_REALTIME, for both ends to be comparable.
 */
#include "loadgen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char header[] = "laddr,lport,raddr,rport,start_ns,end_ns,closer,result\n";

uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void put(int truth, const char *text, size_t len)
{
    ssize_t done = write(truth, text, len);

    if (done < 0)
        die(1, "cannot write the truth file: %s", strerror(errno));
    if ((size_t)done != len)
        die(1, "cannot write the truth file: no room");
}

/* The lock makes the one who finds the file empty the only one to write the header. */
int truth_open(const char *path)
{
    struct stat st;

    if (!path)
        return -1;
    int truth = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (truth < 0 || flock(truth, LOCK_EX) || fstat(truth, &st))
        die(1, "%s: %s", path, strerror(errno));
    if (!st.st_size)
        put(truth, header, sizeof(header) - 1);
    flock(truth, LOCK_UN);
    return truth;
}

void truth_write(int truth, const struct conn *conn, const char *result)
{
    char laddr[INET6_ADDRSTRLEN];
    char raddr[INET6_ADDRSTRLEN];
    char line[256];

    if (truth < 0)
        return;
    address_host(&conn->local, laddr, sizeof(laddr));
    address_host(&conn->peer, raddr, sizeof(raddr));
    int len = snprintf(line, sizeof(line), "%s,%u,%s,%u,%llu,%llu,%s,%s\n", laddr,
                       (unsigned)address_port(&conn->local), raddr,
                       (unsigned)address_port(&conn->peer), (unsigned long long)conn->start_ns,
                       (unsigned long long)conn->end_ns, closer_name(conn->closer), result);
    put(truth, line, (size_t)len);
}
