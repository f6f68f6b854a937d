#include "track/track.h"

#include "abi/config.h"
#include "arch/fatal.h"
#include "arch/tsc.h"
#include "kernel/discover.h"
#include "mem/memory.h"
#include "tcp/scan.h"
#include "track/clock.h"
#include "track/events.h"
#include "track/memory.h"
#include "track/now.h"
#include "track/output.h"
#include "track/policy.h"

static struct {
    bool on;
    bool found; /* the kernel: layout and secrets are valid */
    struct events_time time;
    struct track_clock clock;
    struct guestmem memory;
    struct kernel_workspace *room;
    struct kernel_layout layout;
    struct tcp_secrets secrets;
    struct tcp_workspace walk;
    struct flow_table flows;
    struct events_search search;
    struct events_walks walks;
    bool scanning;       /* the members below belong to a scan under way */
    uint64_t slice_end;  /* TSC */
    uint64_t scan_ticks; /* in its slices so far */
    struct tcp_walk scan;
    struct budget budget;
    struct tcp_summary summary;
} tracker;

static void tell_flow(void *context, const struct flow_record *flow)
{
    (void)context;
    events_flow(&tracker.time, flow);
}

static bool see_socket(void *context, const struct socket_record *record)
{
    (void)context;
    flow_observe(&tracker.flows, record);
    return true;
}

static bool want_details(void *context, const struct socket_record *record)
{
    (void)context;
    return flow_wants(&tracker.flows, record);
}

static void *take(uint64_t bytes)
{
    void *room = memory_take(bytes);
    if (room == NULL)
        fatal("too little memory: the tracker needs %lu bytes more", bytes);
    return room;
}

static void take_room(void)
{
    static const struct flow_sink sink = {.event = tell_flow};
    const struct flow_options flows = {.flows = TRACK_FLOWS,
                                       .listeners = TRACK_LISTENERS,
                                       .cgroups = TRACK_CGROUPS,
                                       .refresh = TRACK_REFRESH,
                                       .seed = track_random()};
    struct tcp_workspace *walk = &tracker.walk;
    tracker.room = take(kernel_workspace_size());
    walk->namespaces = take(TRACK_NAMESPACES * sizeof *walk->namespaces);
    walk->namespace_room = TRACK_NAMESPACES;
    walk->chain = take(TRACK_CHAIN * sizeof *walk->chain);
    walk->chain_room = TRACK_CHAIN;
    flow_table_init(&tracker.flows, take(flow_table_bytes(&flows)), &flows, &sink);
}

void track_init(const struct track_options *options)
{
    uint64_t now = track_now();
    track_output_start();
    tracker.on = options->mode != CONFIG_MODE_OFF;
    tracker.found = false;
    tracker.scanning = false;
    tracker.time = (struct events_time){.hz = tsc_hz(), .start = now};
    tracker.clock = track_clock_of(tsc_of_us(options->period_us), now);
    tracker.memory = track_memory();
    tracker.search = (struct events_search){.attempts = 0};
    tracker.walks = (struct events_walks){.torn = 0};
    take_room();
}

uint64_t track_deadline(void)
{
    return tracker.on ? tracker.clock.next : UINT64_MAX;
}

void track_ran(uint64_t ticks)
{
    track_l2_ran(&tracker.clock, ticks);
}

/* What a walk met, for the summary; whether it saw all there was. */
static bool account(enum status status, const struct tcp_summary *summary, uint64_t units)
{
    struct events_walks *walks = &tracker.walks;
    walks->torn += summary->torn;
    walks->faults += summary->faults;
    walks->unkeyed += summary->unkeyed;
    walks->out_of_budget += status == STATUS_BUDGET ? 1 : 0;
    walks->units_most = units > walks->units_most ? units : walks->units_most;
    return status == STATUS_OK && summary->torn == 0 && summary->faults == 0 &&
           summary->unconfirmed == 0 && summary->namespaces_missed == 0;
}

static bool slice_over(void *context)
{
    (void)context;
    return track_now() >= tracker.slice_end;
}

static enum status begin_scan(uint64_t start)
{
    static const struct tcp_sink sink = {
        .socket = see_socket, .wants = want_details, .pause = slice_over, .still = true};
    tracker.budget = budget_of(TRACK_WALK_UNITS);
    tracker.scan = (struct tcp_walk){.layout = &tracker.layout,
                                     .secrets = &tracker.secrets,
                                     .workspace = &tracker.walk,
                                     .budget = &tracker.budget,
                                     .sink = &sink,
                                     .summary = &tracker.summary};
    tracker.scanning = true;
    tracker.scan_ticks = 0;
    track_scan_begun(&tracker.clock, start);
    flow_begin_walk(&tracker.flows, start);
    return tcp_walk_begin(&tracker.scan);
}

static void end_scan(enum status status, uint64_t end, uint64_t still)
{
    struct events_walks *walks = &tracker.walks;
    tracker.scanning = false;
    flow_end_walk(&tracker.flows, account(status, &tracker.summary, tracker.budget.used));
    track_scan_ended(&tracker.clock, end, still);
    if (tracker.scan_ticks > walks->ticks_most)
        walks->ticks_most = tracker.scan_ticks;
}

/* A scan, or the next slice of one, from `start` on; `longest` ticks or a little more. */
static void scan(uint64_t start, uint64_t longest)
{
    struct events_walks *walks = &tracker.walks;
    enum status status = STATUS_OK;
    tracker.slice_end = longest < UINT64_MAX - start ? start + longest : UINT64_MAX;
    if (!tracker.scanning)
        status = begin_scan(start);
    if (status == STATUS_OK)
        status = tcp_walk_step(&tracker.scan);
    track_flush();
    uint64_t end = track_now();
    uint64_t still = end - start;
    walks->slices++;
    walks->still_most = still > walks->still_most ? still : walks->still_most;
    tracker.scan_ticks += still;
    if (status == STATUS_PAUSED)
        track_postpone(&tracker.clock, end, still);
    else
        end_scan(status, end, still);
}

/* Without the secrets a tuple is checked against its bucket only, which is counted. */
static void find_secrets(void)
{
    struct budget budget = budget_of(TRACK_ATTEMPT_UNITS);
    if (tcp_find_secrets(&tracker.layout, &budget, &tracker.secrets) != STATUS_OK)
        tracker.secrets = (struct tcp_secrets){.count = 0};
}

static void search(const struct track_vcpu *vcpu)
{
    const struct kernel_anchor anchor = {
        .cr3 = vcpu->cr3, .lstar = vcpu->lstar, .levels = vcpu->la57 ? 5 : 4};
    struct kernel_report report;
    enum status status = kernel_discover_anchored(&tracker.memory, &anchor, TRACK_ATTEMPT_UNITS,
                                                  tracker.room, &tracker.layout, &report);
    if (status == STATUS_OK)
        find_secrets();
    uint64_t end = track_now();
    tracker.found = status == STATUS_OK;
    tracker.search.attempts++;
    tracker.search.ticks += end - vcpu->now;
    tracker.search.evidence = report.evidence;
    if (tracker.found) {
        tracker.search.found_at = end;
        tracker.search.release = tracker.layout.release;
        events_kernel(&tracker.time, &tracker.search);
    }
}

/* Ticks until the next attempt, after one that took so long. */
static uint64_t rest_after(uint64_t ticks)
{
    uint64_t least = tracker.time.hz / TRACK_ATTEMPT_RATE;
    uint64_t rest = ticks * TRACK_ATTEMPT_REST;
    return rest > least ? rest : least;
}

void track_exit(const struct track_vcpu *vcpu)
{
    uint64_t now = vcpu->now;
    if (!tracker.on || !track_due(&tracker.clock, now))
        return;
    if (!tracker.found && vcpu->cpl == 0 && vcpu->lstar.v != 0) {
        search(vcpu);
        now = track_now();
    }
    if (tracker.found)
        scan(now, tsc_of_us(TRACK_SLICE_US));
    else
        track_postpone(&tracker.clock, now, rest_after(now - vcpu->now));
}

void track_summary(const struct track_totals *totals)
{
    if (tracker.scanning)
        scan(track_now(), UINT64_MAX);
    if (tracker.found)
        scan(track_now(), UINT64_MAX);
    events_summary(&tracker.time, &tracker.search, &tracker.clock, &tracker.walks, &tracker.flows,
                   totals);
}
