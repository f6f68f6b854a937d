/*
 * babble: traffic that is not TCP, over IPv4 and IPv6 loopback. Sends datagrams to itself, takes
 * some of them, sends others to a port where nobody listens (which brings ICMP), and opens a raw
 * socket. Says "ready" and holds all sockets until it is killed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT   7000
#define CLOSED 7001
#define SENT   5
#define TAKEN  3

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int open_socket(int family, int type, int protocol)
{
    int fd = socket(family, type, protocol);

    if (fd < 0)
        die("babble: socket");
    return fd;
}

/* The loopback address with that port; its length. */
static socklen_t loopback(int family, unsigned port, struct sockaddr_storage *address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

    memset(address, 0, sizeof(*address));
    address->ss_family = (sa_family_t)family;
    if (family == AF_INET) {
        v4->sin_port = htons((uint16_t)port);
        v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof(*v4);
    }
    v6->sin6_port = htons((uint16_t)port);
    v6->sin6_addr = in6addr_loopback;
    return sizeof(*v6);
}

static void babble(int family)
{
    struct sockaddr_storage address;
    socklen_t length = loopback(family, PORT, &address);
    int fd = open_socket(family, SOCK_DGRAM, 0);
    char byte = 'x';

    if (bind(fd, (struct sockaddr *)&address, length) != 0)
        die("babble: bind");
    for (int i = 0; i < SENT; i++) {
        if (sendto(fd, &byte, 1, 0, (struct sockaddr *)&address, length) != 1)
            die("babble: send");
    }
    for (int i = 0; i < TAKEN; i++) {
        if (recv(fd, &byte, 1, 0) != 1)
            die("babble: receive");
    }
    length = loopback(family, CLOSED, &address);
    if (sendto(fd, &byte, 1, 0, (struct sockaddr *)&address, length) != 1)
        die("babble: send");
    (void)open_socket(family, SOCK_RAW,
                      family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
}

int main(void)
{
    babble(AF_INET);
    babble(AF_INET6);
    puts("ready");
    if (fflush(stdout) != 0)
        die("babble");
    for (;;)
        pause();
}
