/*
 * The tracker's lines. `us` is microseconds since the tracker's start, before L2's first
 * instruction; names of states are OpenTelemetry's.
 *
 *   {"event.action":"kernel-found","us":..,"release":"..","attempts":..,"cost_us":..}
 *   {"event.action":"flow-opened","event.sequence":1,"us":..,"l":"10.0.2.15:41954","r":"10.0.2.2:80",
 *    "state":"established","netns":..}
 *   {"event.action":"flow-updated",..}, its state has changed, and
 * {"event.action":"flow-closed",..}, the same, with "opened": the sequence number of the flow's
 * flow-opened
 *   {"event.action":"flow-attempted",..}, seen connecting and then gone, the same without "opened"
 *
 * What is not known is left out, and so is a time that is "us":
 *   "cookie"            of the socket
 *   "since", "seen"     first and last sighting, as "us"
 *   "dir"               "in", "out"; "int-in", "int-out": both ends are in L2, and which this one
 * is "close"             of flow-closed: "fin_local", "fin_remote" "sent", "received"  payload of
 * this end that was acknowledged, and of the peer that arrived "uid", "pid", "comm", "cgroup"
 *
 *   {"event.action":"summary",..}, the last
 */
#ifndef SVSM_TRACK_EVENTS_H
#define SVSM_TRACK_EVENTS_H

#include "flow/table.h"
#include "track/clock.h"
#include "track/track.h"

/* Ticks as time. */
struct events_time {
    uint64_t hz;
    uint64_t start; /* TSC */
};

/* Microseconds from the start to `at`. */
uint64_t events_us(const struct events_time *time, uint64_t at);

/* Microseconds in so many ticks. */
uint64_t events_length_us(const struct events_time *time, uint64_t ticks);

void events_flow(const struct events_time *time, const struct flow_record *flow);

/* The search for the kernel. */
struct events_search {
    uint64_t attempts;
    uint64_t ticks;    /* they took */
    uint64_t found_at; /* TSC; 0: not found */
    const char *release;
    struct evidence evidence; /* why the last attempt failed */
};

void events_kernel(const struct events_time *time, const struct events_search *search);

/* Sums over all walks. */
struct events_walks {
    uint64_t torn, faults, unkeyed, out_of_budget;
    uint64_t units_most; /* of one walk */
    uint64_t ticks_most; /* of one walk, without what L2 ran between its slices */
    uint64_t slices;
    uint64_t still_most; /* ticks in which L2 stood still for one of them */
};

void events_summary(const struct events_time *time, const struct events_search *search,
                    const struct track_clock *clock, const struct events_walks *walks,
                    const struct flow_table *flows, const struct track_totals *totals);

#endif
