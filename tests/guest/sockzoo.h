/*
 * sockzoo: sockets in all states (sockzoo.c), held by several processes (owners.c, with main()),
 * and the list of them (inventory.c).
 */
#ifndef SOCKZOO_H
#define SOCKZOO_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/* An address and port; family AF_INET takes the last four bytes of the address. */
struct end {
    int family;
    struct sockaddr_in6 sa;
};

struct pair {
    int active; /* the one that connected */
    int passive;
};

/* sockzoo.c; all of these exit with a message when something fails. */
void fail(const char *what) __attribute__((noreturn));
int new_listener(struct end *addr, bool v6only);
int new_client(const struct end *addr, bool wait);
struct pair new_pair(int family);
void drop_all_input(int fd);
void zoo_open(void);

/* inventory.c. One line: the end that local_fd is bound to, the end that remote_fd is bound to (-1:
 * none). */
void inventory(const char *name, const char *state, int local_fd, int remote_fd);
/* Returns when /proc shows every end of this process's inventory in its state. */
void inventory_settle(void);

#endif
