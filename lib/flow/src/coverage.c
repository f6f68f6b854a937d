/* From what a namespace's room holds to the terms of its account. */
#include "account_rooms.h"

static uint64_t since(const struct account_room *room, enum kernel_counter counter)
{
    return room->since.value[counter];
}

static bool knows(const struct account_room *room, enum kernel_counter counter)
{
    return counter_known(&room->since, counter);
}

/* Flows that have become time-wait sockets. */
static uint64_t reached(const struct account_sight *sight)
{
    return sight->flows.reached + sight->flows.closed_fin_wait + sight->sockets.fin_waiting;
}

/* Flows that are open and past their handshake, but are no time-wait sockets. */
static int64_t open_flows(const struct account_sight *sight)
{
    const struct account_flows *flows = &sight->flows;
    int64_t all = less(flows->opened, flows->closed);
    return signed_sum(all, less(flows->closed_waiting, reached(sight)));
}

static int64_t open_excess(const struct account_sight *sight)
{
    uint64_t sockets = sight->sockets.established + sight->sockets.closing;
    return signed_sum((int64_t)sockets, -open_flows(sight));
}

static uint64_t grown(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

static void put_now(const struct account_room *room, struct coverage_record *record)
{
    const struct account_sockets *sockets = &room->kept.sockets;
    record->established = sockets->established;
    record->waiting = sockets->waiting;
    if (knows(room, COUNTER_CURR_ESTAB))
        record->established_excess = less(since(room, COUNTER_CURR_ESTAB), sockets->established);
    if (knows(room, COUNTER_TIME_WAIT_USE))
        record->waiting_excess = less(since(room, COUNTER_TIME_WAIT_USE), sockets->waiting);
    record->open_excess = open_excess(&room->kept);
}

static void put_flows(const struct account_room *room, struct coverage_record *record)
{
    const struct account_flows *now = &room->kept.flows;
    const struct account_flows *start = &room->start.flows;
    uint64_t attempts = now->connecting - start->connecting;
    uint64_t fails = since(room, COUNTER_ATTEMPT_FAILS);
    record->baseline = start->opened - start->closed;
    record->recorded = now->opened - start->opened;
    record->attempted = now->attempted - start->attempted;
    record->closed = now->closed - start->closed;
    record->reached = grown(reached(&room->kept), reached(&room->start));
    record->payload_in = now->payload_in;
    record->payload_out = now->payload_out;
    record->failed = attempts > fails ? attempts : fails;
    record->connecting = less(room->kept.sockets.connecting, room->start.sockets.connecting);
    if (knows(room, COUNTER_TIME_WAITED))
        record->reached_excess =
            less(sum_of(since(room, COUNTER_TIME_WAITED), since(room, COUNTER_TIME_WAIT_KILLED)),
                 record->reached);
}

/*
 * What the checks alone account for: endpoints that were there at a walk, or were left in
 * TIME_WAIT, and of which there is no flow. What differed at the start differs still.
 */
static int64_t checked(const struct account_room *room, const struct coverage_record *record)
{
    int64_t sum = record->reached_excess;
    sum = signed_sum(sum, record->open_excess);
    sum = signed_sum(sum, -open_excess(&room->start));
    if (!knows(room, COUNTER_CURR_ESTAB))
        return sum;
    sum = signed_sum(sum, record->established_excess);
    return signed_sum(sum, less(room->start.sockets.established, room->established));
}

static void put_residue(const struct account_room *room, struct coverage_record *record)
{
    record->has_opened = knows(room, COUNTER_ACTIVE_OPENS) && knows(room, COUNTER_PASSIVE_OPENS);
    if (!record->has_opened)
        return;
    record->opened = sum_of(since(room, COUNTER_ACTIVE_OPENS), since(room, COUNTER_PASSIVE_OPENS));
    record->residue = less(record->opened, sum_of(record->recorded, record->failed));
    record->residue = signed_sum(record->residue, -record->connecting);
    int64_t rest = signed_sum(record->residue, -checked(room, record));
    record->untraced = rest > 0 ? (uint64_t)rest : 0;
    record->unexplained = rest > 0 ? signed_sum(record->residue, -rest) : record->residue;
}

static uint64_t of_both(const struct account_room *room, enum kernel_counter v4,
                        enum kernel_counter v6)
{
    return sum_of(since(room, v4), since(room, v6));
}

static void put_others(const struct account_room *room, struct coverage_record *record)
{
    uint64_t udp = of_both(room, COUNTER_UDP_IN, COUNTER_UDP6_IN);
    udp = sum_of(udp, of_both(room, COUNTER_UDP_NO_PORTS, COUNTER_UDP6_NO_PORTS));
    udp = sum_of(udp, of_both(room, COUNTER_UDP_ERRORS, COUNTER_UDP6_ERRORS));
    uint64_t icmp = of_both(room, COUNTER_ICMP_IN, COUNTER_ICMP6_IN);
    uint64_t counted = sum_of(sum_of(udp, icmp), since(room, COUNTER_IN_SEGS));
    record->udp = sum_of(udp, of_both(room, COUNTER_UDP_OUT, COUNTER_UDP6_OUT));
    record->icmp = sum_of(icmp, of_both(room, COUNTER_ICMP_OUT, COUNTER_ICMP6_OUT));
    record->raw_sockets = of_both(room, COUNTER_RAW_SOCKETS, COUNTER_RAW6_SOCKETS);
    record->other_in = less(of_both(room, COUNTER_IP_DELIVERED, COUNTER_IP6_DELIVERED), counted);
    record->octets_in = of_both(room, COUNTER_IP_IN_OCTETS, COUNTER_IP6_IN_OCTETS);
    record->octets_out = of_both(room, COUNTER_IP_OUT_OCTETS, COUNTER_IP6_OUT_OCTETS);
}

void coverage_of(const struct account_room *room, struct coverage_record *record)
{
    *record = (struct coverage_record){.netns = room->inum,
                                       .namespaces = 1,
                                       .anomalies = room->anomalies,
                                       .lower_bound = room->cut || room->unread != 0,
                                       .since = room->since};
    put_now(room, record);
    put_flows(room, record);
    put_residue(room, record);
    put_others(room, record);
}

void coverage_end(struct coverage_record *record)
{
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        if (counter_is_level((enum kernel_counter)i))
            record->since.value[i] = 0;
    record->established = 0;
    record->established_excess = 0;
    record->waiting = 0;
    record->waiting_excess = 0;
    record->open_excess = 0;
    record->raw_sockets = 0;
}

static void add_counters(struct coverage_record *to, const struct coverage_record *from)
{
    bool first = to->namespaces == 0 && to->vanished == 0;
    if (!first && to->since.known != from->since.known)
        to->lower_bound = true;
    to->since.known |= from->since.known;
    for (unsigned i = 0; i < COUNTER_COUNT; i++)
        to->since.value[i] = sum_of(to->since.value[i], from->since.value[i]);
}

static void add_unsigned(struct coverage_record *to, const struct coverage_record *from)
{
    static const uint16_t terms[] = {
        offsetof(struct coverage_record, anomalies),  offsetof(struct coverage_record, baseline),
        offsetof(struct coverage_record, opened),     offsetof(struct coverage_record, recorded),
        offsetof(struct coverage_record, attempted),  offsetof(struct coverage_record, failed),
        offsetof(struct coverage_record, untraced),   offsetof(struct coverage_record, established),
        offsetof(struct coverage_record, waiting),    offsetof(struct coverage_record, reached),
        offsetof(struct coverage_record, closed),     offsetof(struct coverage_record, udp),
        offsetof(struct coverage_record, icmp),       offsetof(struct coverage_record, raw_sockets),
        offsetof(struct coverage_record, octets_in),  offsetof(struct coverage_record, octets_out),
        offsetof(struct coverage_record, payload_in), offsetof(struct coverage_record, payload_out),
    };
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        uint64_t a;
        uint64_t b;
        bytes_copy(&a, (const char *)to + terms[i], sizeof a);
        bytes_copy(&b, (const char *)from + terms[i], sizeof b);
        a = sum_of(a, b);
        bytes_copy((char *)to + terms[i], &a, sizeof a);
    }
}

void coverage_add(struct coverage_record *to, const struct coverage_record *from)
{
    add_counters(to, from);
    add_unsigned(to, from);
    to->connecting = signed_sum(to->connecting, from->connecting);
    to->residue = signed_sum(to->residue, from->residue);
    to->unexplained = signed_sum(to->unexplained, from->unexplained);
    to->established_excess = signed_sum(to->established_excess, from->established_excess);
    to->waiting_excess = signed_sum(to->waiting_excess, from->waiting_excess);
    to->reached_excess = signed_sum(to->reached_excess, from->reached_excess);
    to->open_excess = signed_sum(to->open_excess, from->open_excess);
    to->other_in = signed_sum(to->other_in, from->other_in);
    to->namespaces += from->namespaces;
    to->vanished += from->vanished;
    to->lower_bound = to->lower_bound || from->lower_bound;
    to->has_opened = to->has_opened || from->has_opened;
}
