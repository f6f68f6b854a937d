/*
 * loadgen: the HTTP messages. Lengths are written in ten digits, so that a head has one size
 * whatever its body, and a message can be made exactly as long as asked for.
 */
#include "loadgen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ALPHABET 26

static const char request_format[] = "%s HTTP/1.1\r\n"
                                     "Host: loadgen\r\n"
                                     "X-Response-Bytes: %010llu\r\n"
                                     "Content-Length: %010llu\r\n"
                                     "Connection: %s\r\n\r\n";
static const char response_format[] = "HTTP/1.1 200 OK\r\n"
                                      "Content-Length: %010llu\r\n"
                                      "Connection: %s\r\n\r\n";

static const char *connection(bool close)
{
    return close ? "close     " : "keep-alive";
}

static void start(struct message *msg, int head_len, uint64_t body_len)
{
    msg->head_len = (size_t)head_len;
    msg->body_len = body_len;
    msg->done = 0;
}

size_t request_bytes_min(void)
{
    int len = snprintf(NULL, 0, request_format, "POST /", 0ULL, 0ULL, connection(true));

    return (size_t)len;
}

size_t response_bytes_min(void)
{
    int len = snprintf(NULL, 0, response_format, 0ULL, connection(true));

    return (size_t)len;
}

/* The path of GET is one longer, for GET and POST to have heads of one size. */
void message_request(struct message *msg, uint64_t bytes, uint64_t response_bytes, bool close)
{
    uint64_t body = bytes - request_bytes_min();
    int len =
        snprintf(msg->head, sizeof(msg->head), request_format, body ? "POST /" : "GET /g",
                 (unsigned long long)response_bytes, (unsigned long long)body, connection(close));

    start(msg, len, body);
}

void message_response(struct message *msg, uint64_t bytes, bool close)
{
    uint64_t body = bytes < response_bytes_min() ? 0 : bytes - response_bytes_min();
    int len = snprintf(msg->head, sizeof(msg->head), response_format, (unsigned long long)body,
                       connection(close));

    start(msg, len, body);
}

void message_verb(struct message *msg, enum verb verb)
{
    int len = snprintf(msg->head, sizeof(msg->head), "%s / HTTP/1.1\r\n\r\n",
                       verb == VERB_RESET ? "RESET" : "CLOSE");

    start(msg, len, 0);
}

/* The value of a header field in a head, which is a string; NULL when it is not there. */
static const char *field(const struct message *msg, const char *name)
{
    size_t len = strlen(name);
    const char *line = msg->head;

    while ((line = strstr(line, "\r\n"))) {
        line += 2;
        if (!strncasecmp(line, name, len) && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " \t");
    }
    return NULL;
}

static uint64_t field_number(const struct message *msg, const char *name, uint64_t otherwise)
{
    const char *value = field(msg, name);

    return value ? strtoull(value, NULL, 10) : otherwise;
}

bool request_read(struct request *req, const struct message *msg)
{
    const char *value = field(msg, "Connection");

    if (!strncmp(msg->head, "CLOSE ", 6))
        req->verb = VERB_CLOSE;
    else if (!strncmp(msg->head, "RESET ", 6))
        req->verb = VERB_RESET;
    else if (!strncmp(msg->head, "GET ", 4) || !strncmp(msg->head, "POST ", 5))
        req->verb = VERB_REQUEST;
    else
        return false;
    req->close = value && !strncasecmp(value, "close", 5);
    req->body_len = field_number(msg, "Content-Length", 0);
    req->response_bytes = field_number(msg, "X-Response-Bytes", response_bytes_min());
    return true;
}

bool response_read(const struct message *msg, uint64_t *body_len)
{
    *body_len = field_number(msg, "Content-Length", 0);
    return !strncmp(msg->head, "HTTP/1.1 200 ", 13);
}

char *body_pattern(uint64_t offset)
{
    static char pattern[BODY_CHUNK + ALPHABET];

    if (!pattern[0]) {
        for (size_t i = 0; i < sizeof(pattern); i++)
            pattern[i] = (char)('a' + i % ALPHABET);
    }
    return pattern + offset % ALPHABET;
}
