#include "walk.h"

#include <stdlib.h>
#include <sys/random.h>

#include "clock.h"
#include "policy.h"
#include "signals.h"

/* A number that the guest cannot know: where there is no other, the time. */
static uint64_t draw_seed(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        seed = clock_ns();
    return seed;
}

bool walk_init(struct walk *walk)
{
    *walk = (struct walk){.backlog = calloc(POLICY_BACKLOG, sizeof *walk->backlog),
                          .listener_room = malloc(flow_listeners_bytes(POLICY_LISTENERS))};
    if (walk->backlog == NULL || walk->listener_room == NULL)
        return false;
    flow_listeners_init(&walk->listeners, walk->listener_room, POLICY_LISTENERS, draw_seed());
    return true;
}

void walk_free(struct walk *walk)
{
    free(walk->listener_room);
    free(walk->backlog);
}

/* Writes the rows held back. False, with walk->failed set, when one cannot be written. */
static bool drain(struct walk *walk)
{
    uint64_t start = clock_ns();
    bool written = true;

    for (size_t i = 0; i < walk->held && written; i++) {
        struct flow flow = flow_of(&walk->backlog[i].socket, &walk->listeners);
        written = walk->rows->flow(walk->rows, &flow, &walk->backlog[i].seen);
        walk->tally.listed += written ? 1 : 0;
    }
    walk->failed = !written;
    walk->held = 0;
    walk->rows_ns += clock_ns() - start;
    return written;
}

static bool take(void *context, const struct socket_record *socket)
{
    struct walk *walk = context;

    if (signals_pending() != 0 || (walk->held == POLICY_BACKLOG && !drain(walk)))
        return false;
    if (socket->state == TCP_STATE_LISTEN)
        flow_listeners_add(&walk->listeners, socket);

    struct sighting *sighting = &walk->backlog[walk->held++];
    clock_gettime(CLOCK_REALTIME, &sighting->seen);
    sighting->socket = *socket;
    return true;
}

/* The process index, or NULL when there is none to be had. */
static const struct tcp_owners *index_owners(struct walk *walk, const struct walk_request *request)
{
    struct tally *tally = &walk->tally;

    if (!request->owners)
        return NULL;
    tally->owners = workspace_index_owners(request->workspace, request->layout, request->units);
    if (tally->owners != STATUS_OK && tally->owners != STATUS_BUDGET)
        return NULL;
    tally->owner_faults = request->workspace->owners.faults;
    return &request->workspace->owners;
}

enum status walk_run(struct walk *walk, const struct walk_request *request)
{
    const struct tcp_sink sink = {.socket = take, .context = walk};
    struct budget lookup = budget_of(POLICY_LOOKUP_UNITS);
    struct budget budget = budget_of(request->units);
    struct tcp_secrets secrets = {.count = 0};

    /* Without them tuples are checked against their bucket only, which the summary counts. */
    if (tcp_find_secrets(request->layout, &lookup, &secrets) != STATUS_OK)
        secrets = (struct tcp_secrets){.count = 0};
    const struct tcp_owners *owners = index_owners(walk, request);

    uint64_t start = clock_ns();
    enum status status = tcp_scan(request->layout, &secrets, owners, &request->workspace->tcp,
                                  &budget, &sink, &walk->tally.summary);
    walk->tally.walk_ns = clock_ns() - start - walk->rows_ns;
    walk->tally.listeners_missed = walk->listeners.missed;
    if ((status == STATUS_OK || status == STATUS_BUDGET) && signals_pending() == 0 && !drain(walk))
        return STATUS_STOPPED;
    return status;
}
