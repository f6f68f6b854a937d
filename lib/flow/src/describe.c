#include "cgroups.h"
#include "details.h"

static struct socket_tuple tuple_of(const struct flow_entry *flow)
{
    struct socket_tuple tuple = {.local_port = names_local_port(flow->ends),
                                 .remote_port = names_remote_port(flow->ends),
                                 .ip_version = names_ip_version(flow->ends)};
    bytes_copy(tuple.local, flow->addresses, sizeof tuple.local);
    bytes_copy(tuple.remote, flow->addresses + sizeof tuple.local, sizeof tuple.remote);
    return tuple;
}

static void describe_owner(const struct flow_table *table, const struct flow_entry *flow,
                           struct flow_record *record)
{
    const char *cgroup = cgroups_path(&table->cgroups, flow->cgroup);
    record->has_uid = flow->user != USER_UNKNOWN;
    record->uid = flow->uid;
    record->has_process = flow->has_process;
    record->pid = flow->pid;
    bytes_copy(record->comm, flow->comm, sizeof record->comm);
    bytes_copy(record->cgroup, cgroup, text_length(cgroup, sizeof record->cgroup - 1));
}

void details_describe(const struct flow_table *table, const struct flow_entry *flow,
                      struct flow_record *record)
{
    *record = (struct flow_record){.at = table->now,
                                   .opened = flow->opened,
                                   .first_seen = flow->first_seen,
                                   .last_seen = flow->last_seen,
                                   .tuple = tuple_of(flow),
                                   .sock = flow->sock,
                                   .cookie = flow->cookie,
                                   .netns = (uint32_t)(flow->place >> 32),
                                   .bound_if = (uint32_t)flow->place,
                                   .state = flow->state,
                                   .object = flow->object,
                                   .direction = flow->direction,
                                   .witness = FLOW_BY_SCAN,
                                   .opened_here = flow->opened_here,
                                   .has_bytes = flow->has_bytes,
                                   .sent = flow->sent,
                                   .received = flow->received};
    describe_owner(table, flow, record);
}

void flow_describe(const struct flow_table *table, uint32_t index, struct flow_record *record)
{
    details_describe(table, &table->flows[index], record);
}
