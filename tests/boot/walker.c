/*
 * walker: many walks over the RAM of a guest that runs, judged on the way.
 *
 *     walker RAMFILE WALKS HELD
 *
 * HELD lists connections that stay open meanwhile, one endpoint a line: local address and port,
 * remote address and port, separated by blanks. Each must be in every walk, every tuple must be
 * confirmed by the keyed hash, and no walk may run out of its budget. Prints one line of figures;
 * status 0 when all held, 1 when not, 2 when it could not start.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "policy.h"
#include "workspace.h"

enum {
    HELD_MAX = 4096
};

struct held {
    struct socket_tuple tuple;
    unsigned long walks; /* in which it was seen */
    unsigned long last;  /* the walk that saw it last, from 1 */
};

struct walker {
    struct held held[HELD_MAX];
    size_t count;
    unsigned long walk; /* from 1 */
    unsigned long long sockets, unkeyed;
};

struct totals {
    unsigned long long retries, torn, unconfirmed, faults, units_most;
    unsigned long over_budget;
};

static bool parse_address(const char *text, unsigned char address[16], uint8_t *version)
{
    memset(address, 0, 16);
    *version = inet_pton(AF_INET, text, address) == 1 ? 4 : 6;
    return *version == 4 || inet_pton(AF_INET6, text, address) == 1;
}

static bool read_held(const char *path, struct walker *walker)
{
    char local[INET6_ADDRSTRLEN];
    char remote[INET6_ADDRSTRLEN];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    while (walker->count < HELD_MAX) {
        struct socket_tuple *tuple = &walker->held[walker->count].tuple;
        /* NOLINTNEXTLINE(cert-err34-c): a line that does not parse ends the list, and is noticed */
        int fields = fscanf(file, "%45s %hu %45s %hu", local, &tuple->local_port, remote,
                            &tuple->remote_port);
        if (fields != 4 || !parse_address(local, tuple->local, &tuple->ip_version) ||
            !parse_address(remote, tuple->remote, &tuple->ip_version))
            break;
        walker->count++;
    }
    bool whole = feof(file) != 0;
    fclose(file);
    return whole && walker->count > 0;
}

/* Any order will do that is one: the address bytes, then both ports. */
static int compare(const void *a, const void *b)
{
    const struct socket_tuple *x = &((const struct held *)a)->tuple;
    const struct socket_tuple *y = &((const struct held *)b)->tuple;
    int order = memcmp(x->local, y->local, sizeof x->local);
    if (order == 0)
        order = memcmp(x->remote, y->remote, sizeof x->remote);
    if (order == 0)
        order = x->local_port - y->local_port;
    return order != 0 ? order : x->remote_port - y->remote_port;
}

static bool see(void *context, const struct socket_record *record)
{
    struct walker *walker = context;
    struct held key = {.tuple = record->tuple};
    struct held *found = bsearch(&key, walker->held, walker->count, sizeof *walker->held, compare);
    if (found != NULL && found->last != walker->walk) {
        found->last = walker->walk;
        found->walks++;
    }
    walker->sockets++;
    walker->unkeyed += record->check == SOCKET_KEYED ? 0 : 1;
    return true;
}

static struct attachment *open_kernel(const char *path, struct mapping *mapping,
                                      struct progress *progress, struct workspace *workspace)
{
    struct attachment *attachment = NULL;
    if (!workspace_init(workspace) || mapping_open(path, mapping) != OUTCOME_DONE)
        return NULL;
    const struct attach_request request = {
        .mapping = mapping, .progress = progress, .workspace = workspace->kernel};
    return attach(&request, &attachment) == OUTCOME_DONE ? attachment : NULL;
}

static void walk_all(const struct attachment *attachment, struct workspace *workspace,
                     uint64_t units, unsigned long walks, struct walker *walker,
                     struct totals *totals)
{
    const struct tcp_sink sink = {.socket = see, .context = walker};
    struct budget lookup = budget_of(POLICY_LOOKUP_UNITS);
    struct tcp_secrets secrets;
    if (tcp_find_secrets(&attachment->layout, &lookup, &secrets) != STATUS_OK)
        return;
    for (walker->walk = 1; walker->walk <= walks; walker->walk++) {
        struct budget budget = budget_of(units);
        struct tcp_summary summary;
        enum status status = tcp_scan(&attachment->layout, &secrets, NULL, &workspace->tcp, &budget,
                                      &sink, &summary);
        totals->over_budget += status == STATUS_OK ? 0 : 1;
        totals->retries += summary.retries;
        totals->torn += summary.torn;
        totals->faults += summary.faults;
        totals->units_most = budget.used > totals->units_most ? budget.used : totals->units_most;
    }
}

static bool judge(const struct walker *walker, const struct totals *totals, unsigned long walks)
{
    unsigned long least = walks;
    for (size_t i = 0; i < walker->count; i++)
        least = walker->held[i].walks < least ? walker->held[i].walks : least;
    printf("walks %lu held %zu seen_least %lu sockets %llu unkeyed %llu over_budget %lu "
           "units_most %llu retries %llu torn %llu faults %llu\n",
           walks, walker->count, least, walker->sockets, walker->unkeyed, totals->over_budget,
           totals->units_most, totals->retries, totals->torn, totals->faults);
    return least == walks && walker->unkeyed == 0 && totals->over_budget == 0;
}

int main(int argc, char **argv)
{
    struct mapping mapping;
    struct progress progress = {.since = 0};
    struct workspace workspace;
    struct totals totals = {0};
    static struct walker walker;
    unsigned long walks = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (walks == 0 || !read_held(argv[3], &walker)) {
        fputs("usage: walker RAMFILE WALKS HELD (see tests/boot/walker.c)\n", stderr);
        return 2;
    }
    qsort(walker.held, walker.count, sizeof *walker.held, compare);
    struct attachment *attachment = open_kernel(argv[1], &mapping, &progress, &workspace);
    if (attachment == NULL)
        return 2;
    walk_all(attachment, &workspace, policy_walk_units(mapping.size), walks, &walker, &totals);
    bool good = judge(&walker, &totals, walks);
    free(attachment);
    workspace_free(&workspace);
    mapping_close(&mapping);
    return good ? 0 : 1;
}
