/*
 * loadgen: one connection, for both ends. Everything is non-blocking.
 */
#include "loadgen.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

/* A list of connections is a ring through a head that is none itself. */
void list_init(struct conn *list)
{
    list->prev = list;
    list->next = list;
}

struct conn *conn_new(int fd, struct conn *list)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    int on = 1;

    if (!conn)
        die(1, "out of memory");
    conn->fd = fd;
    conn->start_ns = now_ns();
    conn->prev = list;
    conn->next = list->next;
    list->next->prev = conn;
    list->next = conn;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    return conn;
}

/* Readable is always of interest; the first call adds it to the epoll set. */
bool conn_watch(struct conn *conn, int epoll, bool writable)
{
    struct epoll_event event = {.data.ptr = conn};

    if (conn->watched && conn->writable_wanted == writable)
        return true;
    event.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
    if (epoll_ctl(epoll, conn->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, conn->fd, &event))
        return false;
    conn->watched = true;
    conn->writable_wanted = writable;
    return true;
}

void conn_local(struct conn *conn)
{
    conn->local.len = sizeof(conn->local.sa);
    if (getsockname(conn->fd, (struct sockaddr *)&conn->local.sa, &conn->local.len))
        conn->local.sa.ss_family = conn->peer.sa.ss_family;
}

static enum io failure(int error)
{
    if (error == EAGAIN)
        return IO_AGAIN;
    errno = error;
    return IO_ERROR;
}

enum io conn_send(struct conn *conn)
{
    struct message *out = &conn->out;

    while (out->done < out->head_len + out->body_len) {
        struct iovec part[2] = {{0}};
        uint64_t body_done = out->done < out->head_len ? 0 : out->done - out->head_len;
        uint64_t body_left = out->body_len - body_done;

        if (out->done < out->head_len) {
            part[0].iov_base = out->head + out->done;
            part[0].iov_len = (size_t)(out->head_len - out->done);
        }
        part[1].iov_base = body_pattern(body_done);
        part[1].iov_len = body_left < BODY_CHUNK ? (size_t)body_left : BODY_CHUNK;
        ssize_t sent = writev(conn->fd, part, 2);
        if (sent < 0)
            return failure(errno);
        out->done += (uint64_t)sent;
    }
    return IO_DONE;
}

void conn_expect(struct conn *conn)
{
    conn->in.used = 0;
    conn->in.head_len = 0;
    conn->in.body_len = 0;
    conn->in.done = 0;
}

/* The head becomes a string by its last byte, a line end, so that the body behind it survives. */
static bool head_complete(struct message *in)
{
    char *end = memmem(in->head, in->used, "\r\n\r\n", 4);

    if (!end)
        return false;
    in->head_len = (size_t)(end - in->head) + 4;
    in->head[in->head_len - 1] = '\0';
    return true;
}

enum io conn_receive_head(struct conn *conn)
{
    struct message *in = &conn->in;

    while (!in->head_len) {
        ssize_t got = recv(conn->fd, in->head + in->used, sizeof(in->head) - in->used, 0);
        if (got < 0)
            return failure(errno);
        if (!got && !in->used)
            return IO_EOF;
        in->used += (size_t)got;
        if (!head_complete(in) && (!got || in->used == sizeof(in->head)))
            return failure(EPROTO);
    }
    return IO_DONE;
}

static bool verify(struct message *in, const char *data, size_t len)
{
    if (len > in->body_len - in->done || memcmp(data, body_pattern(in->done), len) != 0)
        return false;
    in->done += len;
    return true;
}

/* Nobody sends before the answer: bytes beyond the message are an error. */
enum io conn_receive_body(struct conn *conn)
{
    static char buffer[BODY_CHUNK];
    struct message *in = &conn->in;

    if (in->used > in->head_len && !verify(in, in->head + in->head_len, in->used - in->head_len))
        return failure(EPROTO);
    in->used = in->head_len;
    while (in->done < in->body_len) {
        uint64_t left = in->body_len - in->done;
        ssize_t got = recv(conn->fd, buffer, left < BODY_CHUNK ? (size_t)left : BODY_CHUNK, 0);
        if (got < 0)
            return failure(errno);
        if (!got || !verify(in, buffer, (size_t)got))
            return failure(EPROTO);
    }
    return IO_DONE;
}

enum io conn_await_end(struct conn *conn)
{
    char byte;
    ssize_t got = recv(conn->fd, &byte, 1, 0);

    if (got < 0)
        return failure(errno);
    return got ? failure(EPROTO) : IO_EOF;
}

void conn_end(struct conn *conn, bool reset, int truth, const char *result)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (reset)
        (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(conn->fd);
    conn->end_ns = now_ns();
    truth_write(truth, conn, result);
    conn->prev->next = conn->next;
    conn->next->prev = conn->prev;
    free(conn);
}
