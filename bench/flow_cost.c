/*
 * What a socket that is known and has not changed costs the flow table.
 *
 * Usage: flow_cost FLOWS WALKS 4|6. Prints nanoseconds a socket for flow_observe and flow_wants and
 * for the end of a walk, by the processor's time. Instructions, without what makes the records:
 *   valgrind --tool=callgrind --toggle-collect=flow_observe --callgrind-out-file=/dev/null \
 *       build/bench/flow_cost 20000 10 4
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "flow/table.h"

enum {
    PORTS = 50000
};

static unsigned long events;

static void hear(void *context, const struct flow_record *record)
{
    (void)context;
    (void)record;
    events++;
}

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void number(struct socket_record *record, uint32_t i)
{
    record->tuple.local_port = (uint16_t)(1024 + i % PORTS);
    record->tuple.remote[3] = (unsigned char)(i / PORTS);
    record->sock = gva(0xffff888000000000ULL + (uint64_t)i * 2432);
}

static double observe_all(struct flow_table *table, struct socket_record *record, uint32_t flows)
{
    double start = now_ns();
    for (uint32_t i = 0; i < flows; i++) {
        number(record, i);
        flow_observe(table, record);
    }
    return now_ns() - start;
}

static double want_all(const struct flow_table *table, struct socket_record *record, uint32_t flows)
{
    double start = now_ns();
    for (uint32_t i = 0; i < flows; i++) {
        number(record, i);
        events += flow_wants(table, record) ? 1 : 0;
    }
    return now_ns() - start;
}

static double end_walk(struct flow_table *table)
{
    double start = now_ns();
    flow_end_walk(table, true);
    return now_ns() - start;
}

static void first_walk(struct flow_table *table, struct socket_record *record, uint32_t flows)
{
    record->has_inode = true; /* so that nothing is asked for again */
    flow_begin_walk(table, 0);
    (void)observe_all(table, record, flows);
    flow_end_walk(table, true);
    record->has_inode = false;
}

static void measure(struct flow_table *table, uint32_t flows, unsigned walks, uint8_t version)
{
    struct socket_record record = {.netns = 4026531840, .state = TCP_STATE_ESTABLISHED};
    double spent[3] = {0};
    record.tuple = (struct socket_tuple){
        .local = {10, 0, 2, 15}, .remote = {192, 0, 2}, .remote_port = 443, .ip_version = version};
    first_walk(table, &record, flows);
    for (unsigned walk = 1; walk <= walks; walk++) {
        flow_begin_walk(table, walk);
        spent[0] += observe_all(table, &record, flows);
        spent[1] += want_all(table, &record, flows);
        spent[2] += end_walk(table);
    }
    printf("%u flows of IPv%u, %u walks, %lu events: observe %.1f ns, wants %.1f ns, end %.1f ns\n",
           flows, version, walks, events, spent[0] / walks / flows, spent[1] / walks / flows,
           spent[2] / walks / flows);
}

int main(int argc, char **argv)
{
    const struct flow_sink sink = {.event = hear};
    struct flow_options options = {.listeners = 16, .cgroups = 16, .seed = 1};
    struct flow_table table;
    unsigned long flows = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned long walks = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (flows == 0 || flows > FLOWS_MAX || walks == 0 || walks > 1000000) {
        fputs("usage: flow_cost FLOWS WALKS 4|6\n", stderr);
        return 2;
    }
    options.flows = (uint32_t)flows;
    size_t bytes = (flow_table_bytes(&options) + 63) / 64 * 64;
    void *memory = aligned_alloc(64, bytes);
    if (memory == NULL)
        return 4;
    flow_table_init(&table, memory, &options, &sink);
    measure(&table, options.flows, (unsigned)walks, argv[3][0] == '6' ? 6 : 4);
    free(memory);
    return 0;
}
