#include "listeners.h"

#include <stdlib.h>
#include <string.h>

bool listeners_init(struct listeners *listeners, size_t room)
{
    *listeners = (struct listeners){.entries = calloc(room, sizeof(struct listener)), .room = room};
    return listeners->entries != NULL;
}

void listeners_free(struct listeners *listeners)
{
    free(listeners->entries);
}

/* The struct has padding, which must be equal for memcmp to order entries. */
static struct listener make(struct gva net, uint8_t ip_version, const unsigned char *address,
                            uint16_t port)
{
    struct listener listener;

    memset(&listener, 0, sizeof listener);
    listener.net = net.v;
    listener.port = port;
    listener.ip_version = ip_version;
    if (address != NULL)
        memcpy(listener.address, address, ip_version == 4 ? 4 : 16);
    return listener;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct listener));
}

void listeners_add(struct listeners *listeners, const struct socket_record *socket)
{
    const struct socket_tuple *tuple = &socket->tuple;

    if (listeners->count == listeners->room) {
        listeners->missed++;
        return;
    }
    listeners->entries[listeners->count++] =
        make(socket->net, tuple->ip_version, tuple->local, tuple->local_port);
    listeners->sorted = false;
}

static bool holds(const struct listeners *listeners, struct listener wanted)
{
    return bsearch(&wanted, listeners->entries, listeners->count, sizeof wanted, compare) != NULL;
}

bool listeners_accept(struct listeners *listeners, struct gva net, uint8_t ip_version,
                      const unsigned char address[16], uint16_t port)
{
    if (!listeners->sorted)
        qsort(listeners->entries, listeners->count, sizeof(struct listener), compare);
    listeners->sorted = true;
    return holds(listeners, make(net, ip_version, address, port)) ||
           holds(listeners, make(net, ip_version, NULL, port)) ||
           (ip_version == 4 && holds(listeners, make(net, 6, NULL, port)));
}
