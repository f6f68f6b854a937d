/*
 * report: the guest's own view of its TCP sockets, raw, for a test to compare with.
 * For each network namespace of any process:  @ns INODE pid PID file NAME  and then the lines of
 * /proc/PID/net/NAME, for tcp, tcp6, snmp, snmp6, netstat, sockstat and sockstat6. Then  @owners
 * and a line for each file descriptor that is a socket:  INODE PID FD UID COMM CGROUP  (white space
 * and backslashes in COMM and CGROUP as \ooo). The last line is  @end.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMESPACES_MAX 1024
#define PATH_SIZE      512

static const char *const files[] = {"tcp",     "tcp6",     "snmp",     "snmp6",
                                    "netstat", "sockstat", "sockstat6"};

/* Processes come and go while we read: what cannot be opened is left out. */
static void copy_file(const char *path)
{
    char buffer[65536];
    size_t got;
    FILE *file = fopen(path, "re");

    if (!file)
        return;
    while ((got = fread(buffer, 1, sizeof(buffer), file)))
        fwrite(buffer, 1, got, stdout);
    fclose(file);
}

static void read_line(const char *path, const char *prefix, char *line, size_t size)
{
    size_t len = strlen(prefix);
    FILE *file = fopen(path, "re");

    line[0] = '\0';
    if (!file)
        return;
    while (fgets(line, (int)size, file) && strncmp(line, prefix, len) != 0)
        line[0] = '\0';
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    if (line[0])
        memmove(line, line + len, strlen(line + len) + 1);
}

static void put_escaped(const char *text)
{
    for (; *text; text++) {
        if (isspace((unsigned char)*text) || *text == '\\')
            printf("\\%03o", (unsigned)(unsigned char)*text);
        else
            putchar(*text);
    }
}

/* The number in a link such as "net:[4026531840]"; 0 when it is no such link. */
static unsigned long link_number(const char *path, const char *prefix)
{
    char target[64];
    size_t len = strlen(prefix);
    ssize_t got = readlink(path, target, sizeof(target) - 1);

    if (got < 0)
        return 0;
    target[got] = '\0';
    return strncmp(target, prefix, len) ? 0 : strtoul(target + len, NULL, 10);
}

static bool seen(unsigned long inode)
{
    static unsigned long known[NAMESPACES_MAX];
    static size_t count;

    for (size_t i = 0; i < count; i++) {
        if (known[i] == inode)
            return true;
    }
    if (count == NAMESPACES_MAX) {
        fputs("report: too many network namespaces\n", stderr);
        exit(1);
    }
    known[count++] = inode;
    return false;
}

static void report_namespace(const char *pid)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
    unsigned long inode = link_number(path, "net:[");
    if (!inode || seen(inode))
        return;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        printf("@ns %lu pid %s file %s\n", inode, pid, files[i]);
        snprintf(path, sizeof(path), "/proc/%s/net/%s", pid, files[i]);
        copy_file(path);
    }
}

static void report_owners(const char *pid)
{
    char path[PATH_SIZE];
    char comm[64];
    char cgroup[PATH_SIZE];
    struct stat st;
    struct dirent *entry;

    snprintf(path, sizeof(path), "/proc/%s/fd", pid);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    snprintf(path, sizeof(path), "/proc/%s/comm", pid);
    read_line(path, "", comm, sizeof(comm));
    snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
    read_line(path, "0::", cgroup, sizeof(cgroup));
    snprintf(path, sizeof(path), "/proc/%s", pid);
    unsigned uid = stat(path, &st) ? 0 : st.st_uid;
    while ((entry = readdir(dir))) {
        snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name);
        unsigned long inode = link_number(path, "socket:[");
        if (!inode)
            continue;
        printf("%lu %s %s %u ", inode, pid, entry->d_name, uid);
        put_escaped(comm);
        putchar(' ');
        put_escaped(cgroup);
        putchar('\n');
    }
    closedir(dir);
}

static void each_process(void (*report)(const char *pid))
{
    struct dirent *entry;
    DIR *dir = opendir("/proc");

    if (!dir) {
        perror("report: /proc");
        exit(1);
    }
    while ((entry = readdir(dir))) {
        if (isdigit((unsigned char)entry->d_name[0]))
            report(entry->d_name);
    }
    closedir(dir);
}

int main(void)
{
    each_process(report_namespace);
    puts("@owners");
    each_process(report_owners);
    puts("@end");
    return fflush(stdout) ? 1 : 0;
}
