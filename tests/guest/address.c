/*
 * loadgen: ADDR:PORT, [ADDR]:PORT and socket addresses.
 */
#include "loadgen.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static bool port_parse(const char *text, in_port_t *port)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value > UINT16_MAX)
        return false;
    *port = htons((uint16_t)value);
    return true;
}

/* Splits text into host and port, which is NULL when absent. */
static bool split(char *text, char **host, char **port)
{
    char *end;

    *host = text;
    if (*text == '[') {
        *host = text + 1;
        end = strchr(text, ']');
        if (!end)
            return false;
        *end++ = '\0';
    } else {
        end = text + strcspn(text, ":");
    }
    *port = *end ? end + 1 : NULL;
    if (*end && *end != ':')
        return false;
    *end = '\0';
    return true;
}

bool address_parse(struct address *addr, const char *text, bool port_needed)
{
    char copy[INET6_ADDRSTRLEN + sizeof("[]:65535")];
    struct sockaddr_in *v4 = (struct sockaddr_in *)&addr->sa;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&addr->sa;
    in_port_t number = 0;
    char *host;
    char *port;

    memset(addr, 0, sizeof(*addr));
    if (strlen(text) >= sizeof(copy))
        return false;
    memcpy(copy, text, strlen(text) + 1);
    if (!split(copy, &host, &port) || (port_needed && !port) ||
        (port && !port_parse(port, &number)))
        return false;

    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = number;
        addr->len = sizeof(*v4);
    } else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = number;
        addr->len = sizeof(*v6);
    }
    return addr->len != 0;
}

bool address_map(struct address *addr)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

    if (addr->sa.ss_family != AF_INET)
        return addr->sa.ss_family == AF_INET6;
    memcpy(&v4, &addr->sa, sizeof(v4));
    v6.sin6_port = v4.sin_port;
    v6.sin6_addr.s6_addr[10] = 0xff;
    v6.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&v6.sin6_addr.s6_addr[12], &v4.sin_addr, sizeof(v4.sin_addr));
    memcpy(&addr->sa, &v6, sizeof(v6));
    addr->len = sizeof(v6);
    return true;
}

uint16_t address_port(const struct address *addr)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&addr->sa;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&addr->sa;

    return ntohs(addr->sa.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
}

void address_host(const struct address *addr, char *text, size_t size)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&addr->sa;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&addr->sa;
    const void *host =
        addr->sa.ss_family == AF_INET ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;

    if (!inet_ntop(addr->sa.ss_family, host, text, (socklen_t)size))
        text[0] = '\0';
}
