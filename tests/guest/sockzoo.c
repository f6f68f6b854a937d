/*
 * sockzoo: one quiet socket in each state that a busy machine shows only in passing, all on
 * loopback, held until SIGTERM or SIGINT. Prints an inventory, one line an endpoint
 *     name,state,laddr,lport,raddr,rport,uid
 * (state as in /proc/net/tcp, by name; a listener's remote end is empty) and then 'ready'.
 * Orphans and TIME_WAIT last about a minute from then; the rest lasts much longer.
 * States that need a lost packet are made by a filter that drops all that a socket receives.
 * Needs root for the sockets of other users.
 */
#include "sockzoo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef FIN_TIMEOUT_MAX
#define FIN_TIMEOUT_MAX 120 /* seconds; the longest that TCP_LINGER2 takes */
#endif

void fail(const char *what)
{
    fprintf(stderr, "sockzoo: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct end loopback(int family)
{
    struct end addr = {.family = family};
    const char *text = family == AF_INET6 ? "::1" : "::ffff:127.0.0.1";

    inet_pton(AF_INET6, text, &addr.sa.sin6_addr);
    return addr;
}

/* An end as the socket call of its family wants it. */
static socklen_t to_sockaddr(const struct end *addr, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = addr->sa.sin6_port};
    struct sockaddr_in6 v6 = addr->sa;

    if (addr->family == AF_INET) {
        memcpy(&v4.sin_addr, &addr->sa.sin6_addr.s6_addr[12], sizeof(v4.sin_addr));
        memcpy(out, &v4, sizeof(v4));
        return sizeof(v4);
    }
    v6.sin6_family = AF_INET6;
    memcpy(out, &v6, sizeof(v6));
    return sizeof(v6);
}

int new_listener(struct end *addr, bool v6only)
{
    struct sockaddr_storage sa;
    socklen_t len = to_sockaddr(addr, &sa);
    int only = v6only;
    int fd = socket(addr->family, SOCK_STREAM, 0);

    if (fd < 0)
        fail("socket");
    if (addr->family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)))
        fail("IPV6_V6ONLY");
    if (bind(fd, (struct sockaddr *)&sa, len) || listen(fd, 16))
        fail("listen");
    if (getsockname(fd, (struct sockaddr *)&sa, &len))
        fail("getsockname");
    addr->sa.sin6_port = ((struct sockaddr_in *)&sa)->sin_port;
    return fd;
}

int new_client(const struct end *addr, bool wait)
{
    struct sockaddr_storage sa;
    socklen_t len = to_sockaddr(addr, &sa);
    int fd = socket(addr->family, SOCK_STREAM | (wait ? 0 : SOCK_NONBLOCK), 0);

    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&sa, len) && (wait || errno != EINPROGRESS))
        fail("connect");
    return fd;
}

/* The listener is closed: a pair leaves nothing else behind. */
struct pair new_pair(int family)
{
    struct end addr = loopback(family);
    struct pair pair;
    int listener = new_listener(&addr, false);

    pair.active = new_client(&addr, true);
    pair.passive = accept(listener, NULL, NULL);
    if (pair.passive < 0)
        fail("accept");
    close(listener);
    return pair;
}

void drop_all_input(int fd)
{
    struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog program = {.len = 1, .filter = code};

    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
        fail("SO_ATTACH_FILTER");
}

static void both(const struct pair *pair, const char *name, const char *active, const char *passive)
{
    if (active)
        inventory(name, active, pair->active, pair->passive);
    if (passive)
        inventory(name, passive, pair->passive, pair->active);
}

static void listeners(void)
{
    struct end any = {.family = AF_INET6};
    struct end v6only = {.family = AF_INET6};
    struct end v4_any = {.family = AF_INET};
    struct end v4 = loopback(AF_INET);
    struct end v6 = loopback(AF_INET6);

    inventory("listen-v4", "LISTEN", new_listener(&v4, false), -1);
    inventory("listen-v6", "LISTEN", new_listener(&v6, false), -1);
    inventory("listen-v4-any", "LISTEN", new_listener(&v4_any, false), -1);
    inventory("listen-v6-any", "LISTEN", new_listener(&any, false), -1);
    inventory("listen-v6only-any", "LISTEN", new_listener(&v6only, true), -1);
}

/* A v6 socket that speaks IPv4: both ends are AF_INET6 sockets. */
static void established_mapped(void)
{
    struct end any = {.family = AF_INET6};
    struct end target = loopback(AF_INET);
    struct pair pair;
    int listener = new_listener(&any, false);

    target.family = AF_INET6;
    target.sa.sin6_port = any.sa.sin6_port;
    pair.active = new_client(&target, true);
    pair.passive = accept(listener, NULL, NULL);
    if (pair.passive < 0)
        fail("accept");
    close(listener);
    both(&pair, "established-mapped", "ESTABLISHED", "ESTABLISHED");
}

static void established(void)
{
    struct pair v4 = new_pair(AF_INET);
    struct pair v6 = new_pair(AF_INET6);

    both(&v4, "established-v4", "ESTABLISHED", "ESTABLISHED");
    both(&v6, "established-v6", "ESTABLISHED", "ESTABLISHED");
    if (dup(v6.active) < 0) /* one socket, two descriptors of one process */
        fail("dup");
    established_mapped();
}

/* A connection that its listener never accepts: the child has no file. */
static void not_accepted(void)
{
    struct end addr = loopback(AF_INET);
    int listener = new_listener(&addr, false);
    int client = new_client(&addr, true);

    inventory("not-accepted", "LISTEN", listener, -1);
    inventory("not-accepted", "ESTABLISHED", client, listener);
    inventory("not-accepted-child", "ESTABLISHED", listener, client);
}

static void syn_sent(void)
{
    struct end addr = loopback(AF_INET);
    int listener = new_listener(&addr, false);

    drop_all_input(listener);
    inventory("syn-sent", "LISTEN", listener, -1);
    inventory("syn-sent", "SYN_SENT", new_client(&addr, false), listener);
}

/* With data awaited before the accept, the server's side stays a request socket. */
static void syn_recv(void)
{
    struct end addr = loopback(AF_INET);
    int seconds = 3600;
    int listener = new_listener(&addr, false);

    if (setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)))
        fail("TCP_DEFER_ACCEPT");
    int client = new_client(&addr, true);
    inventory("syn-recv", "LISTEN", listener, -1);
    inventory("syn-recv", "ESTABLISHED", client, listener);
    inventory("syn-recv", "SYN_RECV", listener, client);
}

static void half_closed(void)
{
    struct pair pair = new_pair(AF_INET);

    both(&pair, "half-closed", "FIN_WAIT2", "CLOSE_WAIT");
    shutdown(pair.active, SHUT_WR);
}

/* Closed, not shut down: with a long linger a full socket without owner, otherwise at once a
 * TIME_WAIT bucket that /proc shows by its substate. */
static void fin_wait2_closed(bool orphan)
{
    struct pair pair = new_pair(AF_INET);
    int seconds = FIN_TIMEOUT_MAX;

    both(&pair, orphan ? "fin-wait2-orphan" : "fin-wait2-timewait", "FIN_WAIT2", "CLOSE_WAIT");
    if (orphan && setsockopt(pair.active, IPPROTO_TCP, TCP_LINGER2, &seconds, sizeof(seconds)))
        fail("TCP_LINGER2");
    close(pair.active);
}

static void time_wait(int family)
{
    struct pair pair = new_pair(family);

    both(&pair, family == AF_INET ? "time-wait-v4" : "time-wait-v6", "TIME_WAIT", NULL);
    close(pair.active);
    close(pair.passive);
}

/* The acknowledgement of the last FIN is dropped. */
static void last_ack(void)
{
    struct pair pair = new_pair(AF_INET);

    both(&pair, "last-ack", "TIME_WAIT", "LAST_ACK");
    shutdown(pair.active, SHUT_WR);
    drop_all_input(pair.passive);
    shutdown(pair.passive, SHUT_WR);
}

/* One end hears nothing: the other's FIN is lost, its own arrives. */
static void closing(void)
{
    struct pair pair = new_pair(AF_INET);

    both(&pair, "closing", "CLOSING", "FIN_WAIT1");
    drop_all_input(pair.passive);
    shutdown(pair.active, SHUT_WR);
    shutdown(pair.passive, SHUT_WR);
}

void zoo_open(void)
{
    listeners();
    established();
    not_accepted();
    syn_sent();
    syn_recv();
    half_closed();
    last_ack();
    closing();
    fin_wait2_closed(true);
    fin_wait2_closed(false);
    time_wait(AF_INET);
    time_wait(AF_INET6);
}
