/*
 * loadgen serve: answers requests; who ends a connection, and how, is the client's choice.
 */
#include "loadgen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EVENTS 256

struct server {
    int epoll;
    int listener;
    int signals;
    int truth;
    struct conn conns;
};

static void end(struct server *server, struct conn *conn, enum closer closer, const char *result)
{
    conn->closer = closer;
    conn_end(conn, closer == CLOSER_RESET_SERVER, server->truth, result);
}

/* The client's end of file or reset between two requests is an orderly end; others are failures. */
static void end_by_peer(struct server *server, struct conn *conn, enum io io)
{
    int error = errno;

    if (io == IO_EOF)
        end(server, conn, CLOSER_CLIENT, "ok");
    else if (error == ECONNRESET && !conn->in.used)
        end(server, conn, CLOSER_RESET_CLIENT, "ok");
    else
        end(server, conn, CLOSER_SERVER, strerrorname_np(error));
}

/* Takes a complete request; false when that ended the connection. */
static bool answer(struct server *server, struct conn *conn, const struct request *req)
{
    if (req->verb != VERB_REQUEST) {
        end(server, conn, req->verb == VERB_RESET ? CLOSER_RESET_SERVER : CLOSER_SERVER, "ok");
        return false;
    }
    message_response(&conn->out, req->response_bytes, req->close);
    conn->last_sent = req->close;
    conn->state = CONN_SENDING;
    return true;
}

/* IO_AGAIN: waits; IO_DONE: there is more to do; IO_EOF: the connection is gone. */
static enum io receive(struct server *server, struct conn *conn)
{
    struct request req;
    enum io io = conn_receive_head(conn);

    if (io == IO_DONE) {
        errno = EPROTO;
        io = request_read(&req, &conn->in) ? IO_DONE : IO_ERROR;
        conn->in.body_len = req.body_len;
    }
    if (io == IO_DONE)
        io = conn_receive_body(conn);
    if (io == IO_AGAIN)
        return io;
    if (io != IO_DONE) {
        end_by_peer(server, conn, io);
        return IO_EOF;
    }
    return answer(server, conn, &req) ? IO_DONE : IO_EOF;
}

static enum io respond(struct server *server, struct conn *conn)
{
    enum io io = conn_send(conn);

    if (io == IO_AGAIN)
        return io;
    if (io == IO_ERROR) {
        end_by_peer(server, conn, io);
        return IO_EOF;
    }
    if (conn->last_sent) {
        end(server, conn, CLOSER_SERVER, "ok");
        return IO_EOF;
    }
    conn_expect(conn);
    conn->state = CONN_RECEIVING;
    return IO_DONE;
}

static void advance(struct server *server, struct conn *conn)
{
    enum io io;

    do {
        io = conn->state == CONN_SENDING ? respond(server, conn) : receive(server, conn);
    } while (io == IO_DONE);
    if (io == IO_AGAIN && !conn_watch(conn, server->epoll, conn->state == CONN_SENDING))
        die(1, "epoll: %s", strerror(errno));
}

static void accept_all(struct server *server)
{
    for (;;) {
        struct address peer = {.len = sizeof(peer.sa)};
        int fd = accept4(server->listener, (struct sockaddr *)&peer.sa, &peer.len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
            continue;
        if (fd < 0 && errno != EAGAIN)
            die(1, "accept: %s", strerror(errno));
        if (fd < 0)
            return;
        struct conn *conn = conn_new(fd, &server->conns);
        conn->peer = peer;
        conn->state = CONN_RECEIVING;
        conn_local(conn);
        advance(server, conn);
    }
}

/* The port in use, which the kernel chose when port 0 was asked for. */
static unsigned listen_at(struct server *server, const struct options *opt)
{
    struct conn self = {0};
    int on = 1;
    int fd = socket(opt->target.sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
        die(1, "socket: %s", strerror(errno));
    if (bind(fd, (const struct sockaddr *)&opt->target.sa, opt->target.len) ||
        listen(fd, (int)opt->backlog))
        die(1, "cannot listen: %s", strerror(errno));
    server->listener = fd;
    self.fd = fd;
    conn_local(&self);
    return address_port(&self.local);
}

static void watch(const struct server *server, int fd, void *tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};

    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event))
        die(1, "epoll: %s", strerror(errno));
}

int server_run(const struct options *opt)
{
    static struct server server;
    struct epoll_event events[EVENTS];

    list_init(&server.conns);
    server.signals = signals_fd();
    server.epoll = epoll_create1(EPOLL_CLOEXEC);
    unsigned port = listen_at(&server, opt);
    watch(&server, server.listener, &server.listener);
    watch(&server, server.signals, &server.signals);
    server.truth = truth_open(opt->truth);
    become(opt->uid);
    printf("listening %u\n", port);
    fflush(stdout);

    for (bool stop = false; !stop;) {
        int count = epoll_wait(server.epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &server.signals)
                stop = true;
            else if (events[i].data.ptr == &server.listener)
                accept_all(&server);
            else
                advance(&server, events[i].data.ptr);
        }
    }
    while (server.conns.next != &server.conns)
        end(&server, server.conns.next, CLOSER_SERVER, "stopped");
    return 0;
}
