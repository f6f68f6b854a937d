#include "track/events.h"

#include "track/line.h"
#include "track/output.h"

#define MICROSECONDS 1000000

static const char *const actions[FLOW_ACTIONS] = {[FLOW_OPENED] = "flow-opened",
                                                  [FLOW_UPDATED] = "flow-updated",
                                                  [FLOW_CLOSED] = "flow-closed",
                                                  [FLOW_ATTEMPTED] = "flow-attempted"};

static const char *state_name(uint8_t state)
{
    static const char *const names[TCP_STATE_COUNT] = {
        [TCP_STATE_ESTABLISHED] = "established", [TCP_STATE_SYN_SENT] = "syn_sent",
        [TCP_STATE_SYN_RECV] = "syn_received",   [TCP_STATE_FIN_WAIT1] = "fin_wait_1",
        [TCP_STATE_FIN_WAIT2] = "fin_wait_2",    [TCP_STATE_TIME_WAIT] = "time_wait",
        [TCP_STATE_CLOSE_WAIT] = "close_wait",   [TCP_STATE_LAST_ACK] = "last_ack",
        [TCP_STATE_CLOSING] = "closing"};
    return state < TCP_STATE_COUNT && names[state] != NULL ? names[state] : "unknown";
}

uint64_t events_length_us(const struct events_time *time, uint64_t ticks)
{
    return ticks / time->hz * MICROSECONDS + ticks % time->hz * MICROSECONDS / time->hz;
}

uint64_t events_us(const struct events_time *time, uint64_t at)
{
    return events_length_us(time, at - time->start);
}

/* A line that does not fit would be a mistake in its making: it is left out, not cut. */
static void leave(struct line *line)
{
    if (line_end(line))
        track_write(line->text, line->length);
}

static const char *direction_name(const struct flow_record *flow)
{
    if (flow->direction == FLOW_INTERNAL)
        return flow->opened_here ? "int-out" : "int-in";
    return flow->direction == FLOW_OUTBOUND ? "out" : "in";
}

/* Times that the event's own time does not tell. */
static void put_times(struct line *line, const struct events_time *time,
                      const struct flow_record *flow)
{
    if (flow->first_seen != flow->at)
        line_number(line, "since", events_us(time, flow->first_seen));
    if (flow->last_seen != flow->at)
        line_number(line, "seen", events_us(time, flow->last_seen));
}

static void put_way(struct line *line, const struct flow_record *flow)
{
    static const char *const reasons[] = {
        [FLOW_CLOSE_FIN_LOCAL] = "fin_local", [FLOW_CLOSE_FIN_REMOTE] = "fin_remote",
        [FLOW_CLOSE_RST_LOCAL] = "rst_local", [FLOW_CLOSE_RST_REMOTE] = "rst_remote",
        [FLOW_CLOSE_TIMEOUT] = "timeout",
    };
    if (flow->direction != FLOW_UNDIRECTED)
        line_text(line, "dir", direction_name(flow));
    if (flow->close != FLOW_CLOSE_UNKNOWN)
        line_text(line, "close", reasons[flow->close]);
    if (flow->has_bytes) {
        line_number(line, "sent", flow->sent);
        line_number(line, "received", flow->received);
    }
}

static void put_owner(struct line *line, const struct flow_record *flow)
{
    if (flow->has_uid)
        line_number(line, "uid", flow->uid);
    if (flow->has_process) {
        line_number(line, "pid", flow->pid);
        line_text(line, "comm", flow->comm);
    }
    if (flow->cgroup[0] != '\0')
        line_text(line, "cgroup", flow->cgroup);
}

void events_flow(const struct events_time *time, const struct flow_record *flow)
{
    const struct socket_tuple *tuple = &flow->tuple;
    struct line line;
    line_begin(&line, actions[flow->action]);
    line_number(&line, "event.sequence", flow->sequence);
    line_number(&line, "us", events_us(time, flow->at));
    line_endpoint(&line, "l", tuple->local, tuple->ip_version, tuple->local_port);
    line_endpoint(&line, "r", tuple->remote, tuple->ip_version, tuple->remote_port);
    line_text(&line, "state", state_name(flow->state));
    line_number(&line, "netns", flow->netns);
    if (flow->cookie != 0)
        line_number(&line, "cookie", flow->cookie);
    if (flow->opened != 0 && flow->opened != flow->sequence)
        line_number(&line, "opened", flow->opened);
    put_times(&line, time, flow);
    put_way(&line, flow);
    put_owner(&line, flow);
    leave(&line);
}

void events_kernel(const struct events_time *time, const struct events_search *search)
{
    struct line line;
    line_begin(&line, "kernel-found");
    line_number(&line, "us", events_us(time, search->found_at));
    line_text(&line, "release", search->release);
    line_number(&line, "attempts", search->attempts);
    line_number(&line, "cost_us", events_length_us(time, search->ticks));
    leave(&line);
}

static void put_search(struct line *line, const struct events_time *time,
                       const struct events_search *search)
{
    line_number(line, "attempts", search->attempts);
    line_number(line, "attempts_us", events_length_us(time, search->ticks));
    if (search->found_at != 0) {
        line_number(line, "found_us", events_us(time, search->found_at));
    } else {
        line_text(line, "not_found", search->evidence.what == NULL ? "-" : search->evidence.what);
        line_number(line, "at", search->evidence.at);
    }
}

static void put_walks(struct line *line, const struct events_time *time,
                      const struct events_walks *walks)
{
    line_number(line, "torn", walks->torn);
    line_number(line, "faults", walks->faults);
    line_number(line, "unkeyed", walks->unkeyed);
    line_number(line, "out_of_budget", walks->out_of_budget);
    line_number(line, "reads_most", walks->units_most);
    line_number(line, "longest_scan_us", events_length_us(time, walks->ticks_most));
    line_number(line, "slices", walks->slices);
    line_number(line, "longest_still_us", events_length_us(time, walks->still_most));
}

static void put_flows(struct line *line, const struct flow_table *flows)
{
    line_number(line, "opened", flows->counters.events[FLOW_OPENED]);
    line_number(line, "updated", flows->counters.events[FLOW_UPDATED]);
    line_number(line, "closed", flows->counters.events[FLOW_CLOSED]);
    line_number(line, "attempted", flows->counters.events[FLOW_ATTEMPTED]);
    line_number(line, "time_wait", flows->counters.time_waits);
    line_number(line, "open", flows->count - flows->attempts);
    line_number(line, "connecting", flows->attempts);
    line_number(line, "no_room", flows->counters.missed);
    line_number(line, "attempts_no_room", flows->counters.attempts_missed);
    line_number(line, "listeners_no_room", flows->listeners.missed);
    line_number(line, "cgroups_no_room", flows->counters.cgroups_missed);
    line_number(line, "incomplete", flows->counters.incomplete);
}

static void put_totals(struct line *line, const struct events_time *time,
                       const struct track_totals *totals)
{
    line_number(line, "exits", totals->exits);
    line_number(line, "l2_us", events_length_us(time, totals->l2_ticks));
    line_number(line, "base_us", events_length_us(time, totals->base_ticks));
    line_number(line, "track_us", events_length_us(time, totals->track_ticks));
    line_number(line, "idle_us", events_length_us(time, totals->idle_ticks));
    line_number(line, "interrupts_dropped", totals->interrupts_dropped);
}

void events_summary(const struct events_time *time, const struct events_search *search,
                    const struct track_clock *clock, const struct events_walks *walks,
                    const struct flow_table *flows, const struct track_totals *totals)
{
    struct line line;
    line_begin(&line, "summary");
    line_number(&line, "scans", clock->scans);
    line_number(&line, "longest_gap_us", events_length_us(time, clock->longest_gap));
    line_number(&line, "longest_gap_l2_us", events_length_us(time, clock->longest_gap_l2));
    line_number(&line, "period_us", events_length_us(time, clock->period));
    put_flows(&line, flows);
    put_search(&line, time, search);
    put_walks(&line, time, walks);
    put_totals(&line, time, totals);
    line_number(&line, "lost_bytes", track_lost());
    leave(&line);
    track_finish();
}
