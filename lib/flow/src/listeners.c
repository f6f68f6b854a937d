#include "flow/listeners.h"

#include "heads.h"
#include "names.h"

static size_t set_bytes(uint32_t room)
{
    return room * sizeof(struct flow_listener) + heads_bytes(room);
}

size_t flow_listeners_bytes(uint32_t room)
{
    return 2 * set_bytes(room);
}

static struct flow_listener_set set_in(void *memory, uint32_t room)
{
    struct flow_listener *entries = memory;
    return (struct flow_listener_set){.entries = entries,
                                      .heads = (uint32_t *)(void *)(entries + room)};
}

void flow_listeners_init(struct flow_listeners *listeners, void *memory, uint32_t room,
                         uint64_t seed)
{
    unsigned char *bytes = memory;
    *listeners = (struct flow_listeners){
        .sets = {set_in(bytes, room), set_in(bytes + set_bytes(room), room)},
        .room = room,
        .head_mask = heads_for(room) - 1,
        .keys = flow_keys_of(seed)};
    bytes_zero(listeners->sets[0].heads, heads_bytes(room));
    bytes_zero(listeners->sets[1].heads, heads_bytes(room));
}

void flow_listeners_begin_walk(struct flow_listeners *listeners)
{
    listeners->current ^= 1;
    struct flow_listener_set *set = &listeners->sets[listeners->current];
    if (set->count != 0)
        bytes_zero(set->heads, heads_bytes(listeners->room));
    set->count = 0;
}

/* A listener as a socket would name it. `any`: of the wildcard address. */
static struct flow_listener listener_of(const struct socket_record *socket, uint8_t ip_version,
                                        bool any)
{
    const struct socket_tuple *tuple = &socket->tuple;
    struct flow_listener listener = {
        .netns = socket->netns, .port = tuple->local_port, .ip_version = ip_version};
    if (!any)
        bytes_copy(listener.address, tuple->local, sizeof listener.address);
    return listener;
}

static bool equal(const struct flow_listener *a, const struct flow_listener *b)
{
    return a->netns == b->netns && a->port == b->port && a->ip_version == b->ip_version &&
           bytes_equal(a->address, b->address, sizeof a->address);
}

static uint32_t *head_of(const struct flow_listeners *listeners,
                         const struct flow_listener_set *set, const struct flow_listener *wanted)
{
    unsigned char addresses[NAMES_ADDRESSES] = {0};
    struct names names = {.addresses = addresses,
                          .ends = (uint64_t)wanted->ip_version << 32 | wanted->port,
                          .place = wanted->netns};
    bytes_copy(addresses, wanted->address, sizeof wanted->address);
    return &set->heads[names_hash(&listeners->keys, &names) & listeners->head_mask];
}

static bool holds(const struct flow_listeners *listeners, const struct flow_listener_set *set,
                  const struct flow_listener *wanted)
{
    uint32_t at = *head_of(listeners, set, wanted);
    while (at != 0 && !equal(&set->entries[at - 1], wanted))
        at = set->entries[at - 1].next;
    return at != 0;
}

void flow_listeners_add(struct flow_listeners *listeners, const struct socket_record *socket)
{
    struct flow_listener_set *set = &listeners->sets[listeners->current];
    struct flow_listener listener = listener_of(socket, socket->tuple.ip_version, false);
    if (holds(listeners, set, &listener))
        return;
    if (set->count == listeners->room) {
        listeners->missed++;
        return;
    }
    uint32_t *head = head_of(listeners, set, &listener);
    listener.next = *head;
    set->entries[set->count] = listener;
    *head = ++set->count;
}

bool flow_listeners_accept(const struct flow_listeners *listeners,
                           const struct socket_record *socket)
{
    uint8_t version = socket->tuple.ip_version;
    const struct flow_listener wanted[] = {listener_of(socket, version, false),
                                           listener_of(socket, version, true),
                                           listener_of(socket, 6, true)};
    for (size_t set = 0; set < 2; set++)
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            if (holds(listeners, &listeners->sets[set], &wanted[i]))
                return true;
    return false;
}
