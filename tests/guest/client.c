/*
 * loadgen client: opens connections, as many and as fast as asked for, and holds them.
 */
#include "client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS  256
#define OPENING 128 /* connections of --hold being opened at the same time */
#define SECOND  1000000000U

static int open_socket(const struct options *opt)
{
    int on = 1;
    int fd = socket(opt->target.sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        die(1, "socket: %s", strerror(errno));
    if (!opt->has_bind)
        return fd;
    if (address_port(&opt->bind))
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    else
        (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)&opt->bind.sa, opt->bind.len))
        die(1, "bind: %s", strerror(errno));
    return fd;
}

static void start(struct client *client)
{
    const struct options *opt = client->opt;
    struct conn *conn = conn_new(open_socket(opt), &client->conns);

    conn->peer = opt->target;
    conn->closer = opt->closer;
    client->started++;
    int rc = connect(conn->fd, (const struct sockaddr *)&opt->target.sa, opt->target.len);
    int error = rc && errno != EINPROGRESS ? errno : 0;
    conn_local(conn);
    if (!error && !conn_watch(conn, client->epoll, true))
        error = errno;
    if (error)
        client_failed(client, conn, error);
}

static void start_due(struct client *client)
{
    const struct options *opt = client->opt;
    uint64_t limit = opt->hold ? OPENING : opt->concurrency;

    while (client->started < opt->count && client->allowed &&
           client->started - client->ended - client->held < limit) {
        start(client);
        client->allowed -= opt->rate ? 1 : 0;
    }
}

static void watch(const struct client *client, int fd, void *tag)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = tag};

    if (epoll_ctl(client->epoll, EPOLL_CTL_ADD, fd, &event) && fd != STDIN_FILENO)
        die(1, "epoll: %s", strerror(errno));
}

static void start_timer(struct client *client)
{
    uint64_t period = SECOND / client->opt->rate;
    struct itimerspec spec = {
        .it_interval = {.tv_sec = (time_t)(period / SECOND), .tv_nsec = (long)(period % SECOND)},
        .it_value = {.tv_nsec = 1},
    };

    client->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (client->timer < 0 || timerfd_settime(client->timer, 0, &spec, NULL))
        die(1, "timerfd: %s", strerror(errno));
    watch(client, client->timer, &client->timer);
}

static void on_event(struct client *client, void *tag)
{
    struct signalfd_siginfo signal;
    uint64_t ticks = 0;

    if (tag == &client->timer) {
        if (read(client->timer, &ticks, sizeof(ticks)) == (ssize_t)sizeof(ticks))
            client->allowed += ticks;
    } else if (tag == &client->signals) {
        client->stop = read(client->signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal);
    } else if (tag == &client->release) {
        (void)epoll_ctl(client->epoll, EPOLL_CTL_DEL, STDIN_FILENO, NULL);
        client->release = true;
    } else {
        client_advance(client, tag);
    }
}

/* Between two rounds of events, so that no event of a connection that ends here is pending. */
static void hold_or_release(struct client *client)
{
    if (client->held && client->held == client->opt->hold && !client->announced) {
        printf("holding %llu\n", (unsigned long long)client->held);
        fflush(stdout);
        client->announced = true;
    }
    if (!client->announced || !client->held || !(client->release || client->stop))
        return;
    client->stop = false;
    for (struct conn *conn = client->conns.next, *next; conn != &client->conns; conn = next) {
        next = conn->next;
        if (conn->state != CONN_HELD)
            continue;
        client->held--;
        if (client_begin_end(client, conn))
            client_advance(client, conn);
    }
}

static void setup(struct client *client, const struct options *opt)
{
    client->opt = opt;
    list_init(&client->conns);
    client->truth = truth_open(opt->truth);
    become(opt->uid);
    client->signals = signals_fd();
    client->epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(client, client->signals, &client->signals);
    if (opt->hold)
        watch(client, STDIN_FILENO, &client->release);
    client->allowed = opt->rate ? 0 : 1;
    if (opt->rate)
        start_timer(client);
}

int client_run(const struct options *opt)
{
    static struct client client;
    struct epoll_event events[EVENTS];

    setup(&client, opt);
    while (!client.stop && client.ended < opt->count && !(opt->hold && client.failed)) {
        start_due(&client);
        if (client.ended == opt->count)
            break;
        int count = epoll_wait(client.epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++)
            on_event(&client, events[i].data.ptr);
        hold_or_release(&client);
    }
    while (client.conns.next != &client.conns) {
        client.ended++;
        client.failed++;
        conn_end(client.conns.next, false, client.truth, "stopped");
    }
    printf("connections %llu failed %llu\n", (unsigned long long)client.ended,
           (unsigned long long)client.failed);
    return client.failed || client.ended < opt->count;
}
