/*
 * loadgen client: what its loop (client.c) and its connections (exchange.c) share.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "loadgen.h"

struct client {
    const struct options *opt;
    int epoll;
    int truth;
    int timer;
    int signals;
    uint64_t allowed; /* connections that may be started by the rate */
    uint64_t started;
    uint64_t ended;
    uint64_t held;
    uint64_t failed;
    bool announced;
    bool release; /* the held ones may go */
    bool stop;
    struct conn conns;
};

/* Does with the connection all that can be done now; it may be gone afterwards. */
void client_advance(struct client *client, struct conn *conn);

/* All is said: ends it, or has the server end it. False when the connection is gone. */
bool client_begin_end(struct client *client, struct conn *conn);

/* Ends it as failed, by an errno. */
void client_failed(struct client *client, struct conn *conn, int error);

#endif
