#include "flow/account.h"

#include "account_rooms.h"

void account_init(struct account *account, void *memory, uint32_t rooms)
{
    struct account_room *first = memory;
    *account = (struct account){
        .rooms = first, .places = (struct account_place *)(void *)(first + rooms), .room = rooms};
}

void account_begin(struct account *account, uint64_t now)
{
    account->walk++;
    account->now = now;
    account->untracked = 0;
}

static bool both_know(const struct account_room *room, const struct counters *counters, unsigned i)
{
    return (room->last.known & counters->known) >> i & 1;
}

/* Whether it is the namespace of the room; without cookies, as far as its counters show it. */
static bool continues(const struct account_room *room, const struct account_namespace *found)
{
    if (room->net.v != found->net.v)
        return false;
    if (room->cookie != 0 && found->cookie != 0)
        return room->cookie == found->cookie;
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        if (!counter_is_level((enum kernel_counter)i) && both_know(room, found->counters, i) &&
            found->counters->value[i] < room->last.value[i])
            return false;
    return true;
}

static void retire(struct account *account, struct account_room *room)
{
    struct coverage_record record;
    coverage_of(room, &record);
    record.namespaces = 0;
    record.vanished = 1;
    record.lower_bound = true;
    coverage_end(&record);
    if (account->tracking)
        coverage_add(&account->gone, &record);
    rooms_remove(account, room);
}

/*
 * A namespace that no earlier walk saw, though they all saw every namespace, was born with zeros
 * while tracking was on: all that it has counted is growth.
 */
static struct account_room *enter(struct account *account, const struct account_namespace *found)
{
    struct account_room *room = rooms_add(account, found->inum);
    if (room == NULL)
        return NULL;
    room->net = found->net;
    room->began = account->now;
    room->cut = account->tracking && !account->listed;
    if (account->tracking && account->listed)
        room->last.known = ~0ULL;
    return room;
}

/*
 * What went backwards or leapt stays as it was: when it comes back to its senses, so does the
 * account, and a guest that plays with it adds up to no more than the largest number it showed.
 */
static void grow(struct account_room *room, const struct counters *counters, unsigned i)
{
    uint64_t before = room->last.value[i];
    uint64_t after = counters->value[i];
    if (after < before || after - before > ACCOUNT_LEAP) {
        room->anomalies++;
        room->cut = true;
        return;
    }
    room->since.value[i] = sum_of(room->since.value[i], after - before);
    room->last.value[i] = after;
}

/* What is known for the first time has no growth yet. */
static void take_counters(struct account_room *room, const struct counters *counters)
{
    for (unsigned i = 0; i < COUNTER_COUNT; i++) {
        if ((counters->known >> i & 1) == 0)
            continue;
        if (counter_is_level((enum kernel_counter)i))
            room->since.value[i] = counters->value[i];
        else if (both_know(room, counters, i))
            grow(room, counters, i);
        else
            room->last.value[i] = counters->value[i];
    }
    room->unread = room->since.known & ~counters->known;
    room->last.known |= counters->known;
    room->since.known |= counters->known;
}

void account_namespace(struct account *account, const struct account_namespace *found)
{
    struct account_room *room = rooms_find(account, found->inum);
    if (room != NULL && room->walk == account->walk) {
        room->anomalies++; /* two of one number */
        return;
    }
    if (room != NULL && !continues(room, found)) {
        retire(account, room);
        room = NULL;
    }
    if (room == NULL)
        room = enter(account, found);
    if (room == NULL) {
        account->untracked++;
        return;
    }
    room->walk = account->walk;
    room->cookie = found->cookie != 0 ? found->cookie : room->cookie;
    room->live.sockets = (struct account_sockets){.established = 0};
    if (account->tracking && (found->counters->known & ~room->last.known) != 0)
        room->cut = true;
    take_counters(room, found->counters);
}

void account_socket(struct account *account, const struct socket_record *socket)
{
    struct account_room *room = rooms_find(account, socket->netns);
    if (room == NULL)
        return;
    struct account_sockets *sockets = &room->live.sockets;
    if (socket->object == SOCKET_TIME_WAIT) {
        sockets->waiting++;
        sockets->fin_waiting += socket->state == TCP_STATE_FIN_WAIT2 ? 1 : 0;
    } else if (socket->object == SOCKET_FULL) {
        static const uint8_t kinds[TCP_STATE_COUNT] = {
            [TCP_STATE_SYN_SENT] = 1,   [TCP_STATE_SYN_RECV] = 1,  [TCP_STATE_ESTABLISHED] = 2,
            [TCP_STATE_CLOSE_WAIT] = 2, [TCP_STATE_FIN_WAIT1] = 3, [TCP_STATE_FIN_WAIT2] = 3,
            [TCP_STATE_CLOSING] = 3,    [TCP_STATE_LAST_ACK] = 3};
        uint8_t kind = socket->state < TCP_STATE_COUNT ? kinds[socket->state] : 0;
        sockets->connecting += kind == 1 ? 1 : 0;
        sockets->established += kind == 2 ? 1 : 0;
        sockets->closing += kind == 3 ? 1 : 0;
    }
}

static void count_close(const struct account *account, struct account_flows *flows,
                        const struct flow_record *event)
{
    bool waited = event->object == SOCKET_TIME_WAIT;
    flows->closed++;
    flows->closed_waiting += waited ? 1 : 0;
    flows->closed_fin_wait += waited && event->state == TCP_STATE_FIN_WAIT2 ? 1 : 0;
    if (event->has_bytes && account->tracking && event->first_seen > account->began) {
        flows->payload_in = sum_of(flows->payload_in, event->received);
        flows->payload_out = sum_of(flows->payload_out, event->sent);
    }
}

/* A flow that is older than the namespace was one of its predecessor. */
void account_flow(struct account *account, const struct flow_record *event)
{
    struct account_room *room = rooms_find(account, event->netns);
    if (room == NULL || event->first_seen < room->began)
        return;
    struct account_flows *flows = &room->live.flows;
    switch (event->action) {
    case FLOW_OPENED:
        flows->opened++;
        break;
    case FLOW_UPDATED:
        flows->reached += event->state == TCP_STATE_TIME_WAIT ? 1 : 0;
        break;
    case FLOW_CLOSED:
        count_close(account, flows, event);
        break;
    case FLOW_ATTEMPTED:
        flows->attempted++;
        flows->connecting += event->state == TCP_STATE_SYN_SENT ? 1 : 0;
        break;
    case FLOW_ACTIONS:
        break;
    }
}

static void start(struct account *account)
{
    account->tracking = true;
    account->began = account->now;
    for (uint32_t i = 0; i < account->count; i++) {
        struct account_room *room = &account->rooms[i];
        room->start = room->kept;
        room->established = room->since.value[COUNTER_CURR_ESTAB];
        room->anomalies = 0;
        room->cut = false;
        for (unsigned j = 0; j < COUNTER_COUNT; j++)
            if (!counter_is_level((enum kernel_counter)j))
                room->since.value[j] = 0;
    }
}

void account_end(struct account *account, const struct account_walk *walk)
{
    for (uint32_t i = account->count; i > 0; i--) {
        struct account_room *room = &account->rooms[i - 1];
        if (room->walk == account->walk)
            room->kept = room->live;
        else if (walk->listed)
            retire(account, room);
    }
    account->listed = walk->listed && account->untracked == 0;
    account->complete = walk->complete;
    account->still = walk->still;
    if (!account->tracking && walk->complete)
        start(account);
}

uint32_t account_count(const struct account *account)
{
    return account->count;
}

static void add_walk(const struct account *account, struct coverage_record *record)
{
    record->complete = account->complete;
    record->still = account->still;
}

void account_get(const struct account *account, uint32_t index, struct coverage_record *record)
{
    coverage_of(&account->rooms[account->places[index].room], record);
    add_walk(account, record);
}

void account_sum(const struct account *account, struct coverage_record *record)
{
    struct coverage_record sum = account->gone;
    for (uint32_t i = 0; i < account->count; i++) {
        struct coverage_record one;
        coverage_of(&account->rooms[i], &one);
        coverage_add(&sum, &one);
    }
    sum.netns = 0;
    sum.since.known &= ~(1ULL << COUNTER_TIME_WAIT_LIMIT);
    sum.since.value[COUNTER_TIME_WAIT_LIMIT] = 0;
    sum.untracked = account->untracked;
    add_walk(account, &sum);
    *record = sum;
}
