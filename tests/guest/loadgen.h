/*
 * loadgen: an HTTP/1.1 client and server whose every connection is known. The same binary runs in
 * the guest and, as the far end, on the host. See usage() in options.c for what it can do.
 *
 *   options.c  command line          address.c  ADDR:PORT and socket addresses
 *   message.c  HTTP messages         conn.c     one connection: sending and receiving
 *   server.c                         truth.c    the log of what really happened
 *   client.c   its loop              exchange.c one connection of the client, step by step
 */
#ifndef LOADGEN_H
#define LOADGEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Who ends a connection. The names of closer_name() are part of the truth format. */
enum closer {
    CLOSER_SERVER,
    CLOSER_CLIENT,
    CLOSER_RESET_SERVER,
    CLOSER_RESET_CLIENT,
};

struct address {
    struct sockaddr_storage sa;
    socklen_t len;
};

struct options {
    bool serve;
    bool mapped;
    bool has_bind;
    struct address target; /* where to listen, or where to connect to */
    struct address bind;
    enum closer closer;
    uint64_t count;
    uint64_t concurrency;
    uint64_t hold;
    uint64_t rate;     /* connections a second; 0: as fast as it goes */
    uint64_t requests; /* in one connection */
    uint64_t request_bytes;
    uint64_t response_bytes;
    uint64_t backlog;
    int64_t uid; /* -1: stay as we are */
    const char *truth;
};

#define HEAD_MAX 512

/* One message being sent or received: a head, then body_len bytes of the pattern. */
struct message {
    char head[HEAD_MAX]; /* when received, a string, and behind head_len the start of the body */
    size_t used;         /* receiving: bytes in head[] */
    size_t head_len;     /* receiving: 0 until the head is complete */
    uint64_t body_len;
    uint64_t done; /* sending: bytes of head and body sent; receiving: bytes of body verified */
};

enum verb {
    VERB_REQUEST, /* GET or POST: answer it */
    VERB_CLOSE,   /* end the connection now, in order */
    VERB_RESET,   /* end it now by a reset */
};

/* What a server reads from the head of a request. */
struct request {
    enum verb verb;
    bool close;
    uint64_t body_len;
    uint64_t response_bytes;
};

enum io {
    IO_DONE,
    IO_AGAIN,
    IO_EOF,   /* the peer closed between two messages */
    IO_ERROR, /* errno says why; EPROTO: not what was expected */
};

enum conn_state {
    CONN_CONNECTING,
    CONN_SENDING,
    CONN_RECEIVING,
    CONN_HELD,
    CONN_ENDING, /* waiting for the peer's end */
};

struct conn {
    struct conn *prev;
    struct conn *next;
    int fd;
    enum conn_state state;
    bool watched;
    bool writable_wanted;
    bool last_sent; /* what is being sent is our last message */
    enum closer closer;
    uint64_t requests_done;
    uint64_t start_ns;
    uint64_t end_ns;
    struct address local; /* both kept here: a closed socket no longer knows them */
    struct address peer;
    struct message out;
    struct message in;
};

/* options.c: exits with a message and status 2 when the command line is wrong. */
void options_parse(struct options *opt, int argc, char **argv);
const char *closer_name(enum closer closer);

/* address.c */
bool address_parse(struct address *addr, const char *text, bool port_needed);
bool address_map(struct address *addr); /* IPv4 to v4-mapped IPv6; true also when it is IPv6 */
uint16_t address_port(const struct address *addr);
void address_host(const struct address *addr, char *text, size_t size);

/* message.c: sizes are of whole messages, head and body; 0 means the head alone. */
size_t request_bytes_min(void);
size_t response_bytes_min(void);
void message_request(struct message *msg, uint64_t bytes, uint64_t response_bytes, bool close);
void message_response(struct message *msg, uint64_t bytes, bool close);
void message_verb(struct message *msg, enum verb verb);
bool request_read(struct request *req, const struct message *msg);
bool response_read(const struct message *msg, uint64_t *body_len);
char *body_pattern(uint64_t offset);
#define BODY_CHUNK 32768 /* bytes that body_pattern() points to, at least */

/* conn.c */
void list_init(struct conn *list);
struct conn *conn_new(int fd, struct conn *list);
bool conn_watch(struct conn *conn, int epoll, bool writable);
void conn_local(struct conn *conn);
enum io conn_send(struct conn *conn);
void conn_expect(struct conn *conn); /* another message */
enum io conn_receive_head(struct conn *conn);
enum io conn_receive_body(struct conn *conn); /* in.body_len is set */
enum io conn_await_end(struct conn *conn);
/* Closes it, and writes and frees what was known of it. */
void conn_end(struct conn *conn, bool reset, int truth, const char *result);

/* truth.c */
uint64_t now_ns(void);
int truth_open(const char *path); /* -1 when path is NULL; exits with a message on failure */
void truth_write(int truth, const struct conn *conn, const char *result);

/* loadgen.c */
void die(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
int signals_fd(void); /* readable on SIGINT and SIGTERM */
void become(int64_t uid);

/* client.c, server.c: run until done, return the exit status. */
int client_run(const struct options *opt);
int server_run(const struct options *opt);

#endif
