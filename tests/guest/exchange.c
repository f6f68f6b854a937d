/*
 * loadgen client: one connection, step by step. Every byte of the answers is checked, and the end
 * must be the one asked for.
 */
#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void end_ok(struct client *client, struct conn *conn)
{
    client->ended++;
    conn_end(conn, conn->closer == CLOSER_RESET_CLIENT, client->truth, "ok");
}

void client_failed(struct client *client, struct conn *conn, int error)
{
    if (!client->failed)
        fprintf(stderr, "loadgen: connection %llu: %s\n", (unsigned long long)client->ended,
                strerror(error));
    client->failed++;
    client->ended++;
    conn_end(conn, true, client->truth, strerrorname_np(error));
}

static void begin_request(struct client *client, struct conn *conn)
{
    const struct options *opt = client->opt;
    bool last = conn->requests_done + 1 == opt->requests;

    message_request(&conn->out, opt->request_bytes, opt->response_bytes,
                    last && !opt->hold && opt->closer == CLOSER_SERVER);
    conn->state = CONN_SENDING;
}

bool client_begin_end(struct client *client, struct conn *conn)
{
    if (conn->closer == CLOSER_CLIENT || conn->closer == CLOSER_RESET_CLIENT) {
        end_ok(client, conn);
        return false;
    }
    conn->state = CONN_ENDING;
    if (conn->closer == CLOSER_RESET_SERVER || client->opt->hold) {
        message_verb(&conn->out, conn->closer == CLOSER_SERVER ? VERB_CLOSE : VERB_RESET);
        conn->last_sent = true;
        conn->state = CONN_SENDING;
    }
    return true;
}

static enum io receive(struct conn *conn)
{
    enum io io = conn_receive_head(conn);

    if (io == IO_DONE) {
        errno = EPROTO;
        io = response_read(&conn->in, &conn->in.body_len) ? IO_DONE : IO_ERROR;
    }
    return io == IO_DONE ? conn_receive_body(conn) : io;
}

/* One step each; they return IO_DONE when the next can follow at once, IO_EOF when it is gone. */
static enum io step_connecting(struct client *client, struct conn *conn)
{
    int error = 0;
    socklen_t len = sizeof(error);

    if (getsockopt(conn->fd, SOL_SOCKET, SO_ERROR, &error, &len))
        return IO_ERROR;
    errno = error;
    if (error)
        return IO_ERROR;
    conn_local(conn);
    begin_request(client, conn);
    return IO_DONE;
}

static enum io step_sending(struct conn *conn)
{
    enum io io = conn_send(conn);

    if (io == IO_DONE) {
        conn->state = conn->last_sent ? CONN_ENDING : CONN_RECEIVING;
        conn_expect(conn);
    }
    return io;
}

static enum io step_receiving(struct client *client, struct conn *conn)
{
    enum io io = receive(conn);

    if (io == IO_EOF) {
        errno = ENODATA;
        return IO_ERROR;
    }
    if (io != IO_DONE)
        return io;
    if (++conn->requests_done < client->opt->requests) {
        begin_request(client, conn);
        return IO_DONE;
    }
    if (client->opt->hold) {
        conn->state = CONN_HELD;
        client->held++;
        return IO_AGAIN;
    }
    return client_begin_end(client, conn) ? IO_DONE : IO_EOF;
}

static enum io step_ending(struct client *client, struct conn *conn)
{
    enum io io = conn_await_end(conn);
    bool reset = io == IO_ERROR && errno == ECONNRESET;

    if (io == IO_AGAIN)
        return io;
    if (reset != (conn->closer == CLOSER_RESET_SERVER) || (io == IO_ERROR && !reset)) {
        errno = io == IO_EOF ? ENODATA : errno;
        return IO_ERROR;
    }
    end_ok(client, conn);
    return IO_EOF;
}

/* Nothing is due while a connection is held: what comes is the peer's end. */
static enum io step_held(struct conn *conn)
{
    enum io io = conn_await_end(conn);

    if (io == IO_EOF)
        errno = ENODATA;
    return io == IO_EOF ? IO_ERROR : io;
}

static enum io step(struct client *client, struct conn *conn)
{
    switch (conn->state) {
    case CONN_CONNECTING:
        return step_connecting(client, conn);
    case CONN_SENDING:
        return step_sending(conn);
    case CONN_RECEIVING:
        return step_receiving(client, conn);
    case CONN_ENDING:
        return step_ending(client, conn);
    default:
        return step_held(conn);
    }
}

void client_advance(struct client *client, struct conn *conn)
{
    enum io io;

    do {
        io = step(client, conn);
    } while (io == IO_DONE);
    if (io == IO_AGAIN && !conn_watch(conn, client->epoll, conn->state == CONN_SENDING))
        io = IO_ERROR;
    if (io == IO_ERROR)
        client_failed(client, conn, errno);
}
