#include "lanes.h"

static bool is_end(struct gva node)
{
    return (node.v & 1) != 0;
}

static bool same_flow(const struct socket_record *a, const struct socket_record *b)
{
    return a->hash == b->hash && a->net.v == b->net.v && a->bound_if == b->bound_if &&
           a->v6_socket == b->v6_socket && socket_tuple_equal(&a->tuple, &b->tuple);
}

/*
 * While a connection changes hands both objects can be met: TIME_WAIT comes after the full socket,
 * which comes after the request.
 */
static unsigned seniority(const struct socket_record *record)
{
    static const unsigned order[] = {
        [SOCKET_REQUEST] = 0, [SOCKET_FULL] = 1, [SOCKET_TIME_WAIT] = 2};
    return order[record->object];
}

/* Where the record belongs: its own older self, or a new place. */
static size_t place_of(const struct chain *chain, const struct socket_record *record)
{
    for (size_t i = 0; i < chain->count; i++) {
        const struct socket_record *other = &chain->records[i];
        if (record->hash == 0 ? other->sock.v == record->sock.v : same_flow(other, record))
            return i;
    }
    return chain->count;
}

/* Takes in the record behind the last, if it is better than what is there. */
static void add(struct chain *chain)
{
    const struct socket_record *record = &chain->records[chain->count];
    size_t i = place_of(chain, record);
    if (i == chain->count)
        chain->count++;
    else if (i < chain->previous || seniority(record) >= seniority(&chain->records[i]))
        socket_record_copy(&chain->records[i], record);
}

/* Names what a record still lacks, and gives it to the caller, also when the budget runs out. */
static enum status give(struct tcp_walk *walk, struct socket_record *record)
{
    enum status named = record->cgroup.v == 0 ? STATUS_OK : cgroup_name(walk, record);
    if (walk->owners != NULL)
        tcp_owners_name(walk->owners, record);
    walk->summary->sockets++;
    if (record->check != SOCKET_KEYED)
        walk->summary->unkeyed++;
    if (!walk->sink->socket(walk->sink->context, record))
        return STATUS_STOPPED;
    return named == STATUS_BUDGET ? named : STATUS_OK;
}

static enum status hand_out(struct tcp_walk *walk, struct chain *chain)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < chain->count; i++) {
        enum status given = give(walk, &chain->records[i]);
        if (given == STATUS_STOPPED)
            return given;
        if (given != STATUS_OK)
            status = given;
    }
    chain->count = 0;
    chain->previous = 0;
    return status;
}

static enum status trouble(struct chain *chain, enum status status, const char *what, struct gva at)
{
    chain->trouble = what;
    chain->at = at;
    chain->contradicted = false;
    return status;
}

static void start_pass(struct chain *chain, struct gva head)
{
    chain->head = head;
    chain->node = head;
    chain->cycle = (struct cycle){0};
    chain->status = STATUS_OK;
}

void chain_begin(struct tcp_walk *walk, struct chain *chain, const struct bucket *bucket,
                 struct gva head)
{
    chain->bucket = *bucket;
    chain->room = LANE_ROOM;
    chain->count = 0;
    chain->previous = 0;
    chain->parted = walk->sink->still;
    start_pass(chain, head);
}

static enum status visit(struct tcp_walk *walk, struct chain *chain)
{
    struct gva at = chain->node;
    struct gva sock = gva(at.v - walk->layout->members.common_nulls_node);
    struct socket_record *record = &chain->records[chain->count];
    if (cycle_closed(&chain->cycle, at))
        return trouble(chain, STATUS_MISMATCH, "a chain that runs in a circle", at);
    enum status status = node_read(walk, &chain->bucket, sock, record, &chain->node);
    if (status != STATUS_OK) {
        status = trouble(chain, status, "a socket that contradicts its bucket", at);
        chain->contradicted = status == STATUS_MISMATCH;
        return status;
    }
    if (walk->sink->still)
        return give(walk, record);
    add(chain);
    return STATUS_OK;
}

/*
 * STATUS_OK only when the chain ended in its own nulls value and the head is what it was: a socket
 * that turns into TIME_WAIT is put in at the head before it leaves.
 */
static enum status ended(struct tcp_walk *walk, struct chain *chain)
{
    struct gva at = chain->bucket.at;
    struct gva head;
    if (chain->node.v != chain->bucket.nulls)
        return trouble(chain, STATUS_MISMATCH, "a chain that ends in another bucket", at);
    if (walk->sink->still)
        return STATUS_OK;
    enum status status = walk_pointer(walk, at, &head);
    if (status != STATUS_OK)
        return trouble(chain, status, "a bucket that cannot be read", at);
    if (head.v != chain->head.v)
        return trouble(chain, STATUS_MISMATCH, "a bucket that does not hold still", at);
    return STATUS_OK;
}

bool chain_step(struct tcp_walk *walk, struct chain *chain)
{
    if (!is_end(chain->node)) {
        chain->status = chain->count == chain->room ? STATUS_FULL : visit(walk, chain);
        if (chain->status != STATUS_OK)
            return false;
    }
    if (!is_end(chain->node))
        return true;
    chain->status = ended(walk, chain);
    return false;
}

static bool final(enum status status)
{
    return status == STATUS_OK || status == STATUS_BUDGET || status == STATUS_STOPPED;
}

/* The pass goes on in the shared room, or, where that is full, once it has been handed out. */
static enum status make_room(struct tcp_walk *walk, struct chain *chain)
{
    struct tcp_workspace *workspace = walk->workspace;
    if (chain->records == workspace->chain) {
        chain->parted = true;
        return hand_out(walk, chain);
    }
    for (size_t i = 0; i < chain->count; i++)
        socket_record_copy(&workspace->chain[i], &chain->records[i]);
    chain->records = workspace->chain;
    chain->room = lanes_shared_room(workspace);
    return STATUS_OK;
}

/* The pass to its end. */
static void finish_pass(struct tcp_walk *walk, struct chain *chain)
{
    while (chain->status == STATUS_FULL) {
        chain->status = make_room(walk, chain);
        while (chain->status == STATUS_OK && chain_step(walk, chain))
            ;
    }
}

static void repeat_pass(struct tcp_walk *walk, struct chain *chain)
{
    struct gva head = {0};
    walk->summary->retries++;
    chain->previous = chain->count;
    enum status status = walk_pointer(walk, chain->bucket.at, &head);
    start_pass(chain, head);
    chain->status = trouble(chain, status, "a bucket that cannot be read", chain->bucket.at);
    while (chain->status == STATUS_OK && chain_step(walk, chain))
        ;
    finish_pass(walk, chain);
}

static void account(struct tcp_walk *walk, const struct chain *chain)
{
    if (chain->status == STATUS_MISMATCH)
        walk->summary->torn++;
    else
        walk->summary->faults++;
    walk->summary->unconfirmed += chain->contradicted ? 1 : 0;
    walk_anomaly(walk, chain->trouble, chain->at);
}

enum status chain_end(struct tcp_walk *walk, struct chain *chain)
{
    struct socket_record *own = chain->records;
    if (chain->status == STATUS_OK && chain->count == 0)
        return STATUS_OK;
    finish_pass(walk, chain);
    for (unsigned i = 0; !final(chain->status) && !chain->parted && i < TCP_RETRIES_MAX; i++)
        repeat_pass(walk, chain);
    enum status status = chain->status;
    if (!final(status))
        account(walk, chain);
    enum status handed = status == STATUS_STOPPED ? status : hand_out(walk, chain);
    chain->records = own;
    return status == STATUS_BUDGET ? status : handed;
}
