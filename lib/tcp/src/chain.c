#include "chain.h"

/* The records of one bucket, in the workspace. */
struct chain {
    struct socket_record *records;
    size_t room;
    size_t count;
    size_t previous; /* records that come from earlier walks of this bucket */
    bool parted;     /* records were handed out already: a retry would repeat them */
    const char *trouble;
    struct gva at;
    bool contradicted; /* the trouble is a node that is not what it should be */
};

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

static void add(struct chain *chain, const struct socket_record *record)
{
    size_t i = place_of(chain, record);
    if (i == chain->count)
        socket_record_copy(&chain->records[chain->count++], record);
    else if (i < chain->previous || seniority(record) >= seniority(&chain->records[i]))
        socket_record_copy(&chain->records[i], record);
}

/* Names what a record still lacks, and gives it to the caller, also when the budget runs out. */
static enum status give(struct walk *walk, struct socket_record *record)
{
    enum status named = cgroup_name(walk, record);
    if (walk->owners != NULL)
        tcp_owners_name(walk->owners, record);
    walk->summary->sockets++;
    if (record->check != SOCKET_KEYED)
        walk->summary->unkeyed++;
    if (!walk->sink->socket(walk->sink->context, record))
        return STATUS_STOPPED;
    return named == STATUS_BUDGET ? named : STATUS_OK;
}

static enum status hand_out(struct walk *walk, struct chain *chain)
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

static enum status visit(struct walk *walk, const struct bucket *bucket, struct chain *chain,
                         struct gva *node)
{
    struct gva sock = gva(node->v - walk->layout->members.common_nulls_node);
    struct gva at = *node;
    struct socket_record record;
    enum status status = node_read(walk, bucket, sock, &record, node);
    if (status != STATUS_OK) {
        status = trouble(chain, status, "a socket that contradicts its bucket", at);
        chain->contradicted = status == STATUS_MISMATCH;
        return status;
    }
    if (walk->sink->still)
        return give(walk, &record);
    if (chain->count == chain->room) {
        chain->parted = true;
        status = hand_out(walk, chain);
        if (status != STATUS_OK)
            return status;
    }
    add(chain, &record);
    return STATUS_OK;
}

static enum status read_head(struct walk *walk, const struct bucket *bucket, struct gva *head)
{
    if (!walk->sink->still)
        return walk_pointer(walk, bucket->head, head);
    *head = gva(bucket->first);
    return STATUS_OK;
}

/*
 * From head to end once. STATUS_OK only when the chain ended in its own nulls value and the head
 * is what it was: a socket that turns into TIME_WAIT is put in at the head before it leaves.
 */
static enum status pass(struct walk *walk, const struct bucket *bucket, struct chain *chain)
{
    struct cycle cycle = {0};
    struct gva head;
    struct gva head_after;
    enum status status = trouble(chain, read_head(walk, bucket, &head),
                                 "a bucket that cannot be read", bucket->head);
    struct gva node = head;
    while (status == STATUS_OK && !is_end(node)) {
        if (cycle_closed(&cycle, node))
            return trouble(chain, STATUS_MISMATCH, "a chain that runs in a circle", node);
        status = visit(walk, bucket, chain, &node);
    }
    if (status != STATUS_OK)
        return status;
    if (node.v != bucket->nulls)
        return trouble(chain, STATUS_MISMATCH, "a chain that ends in another bucket", bucket->head);
    status = read_head(walk, bucket, &head_after);
    if (status == STATUS_OK && head_after.v != head.v)
        return trouble(chain, STATUS_MISMATCH, "a bucket that does not hold still", bucket->head);
    return status;
}

static bool final(enum status status)
{
    return status == STATUS_OK || status == STATUS_BUDGET || status == STATUS_STOPPED;
}

static void account(struct walk *walk, const struct chain *chain, enum status status)
{
    if (status == STATUS_MISMATCH)
        walk->summary->torn++;
    else
        walk->summary->faults++;
    walk->summary->unconfirmed += chain->contradicted ? 1 : 0;
    walk_anomaly(walk, chain->trouble, chain->at);
}

enum status chain_walk(struct walk *walk, const struct bucket *bucket)
{
    struct chain chain = {.records = walk->workspace->chain,
                          .room = walk->workspace->chain_room,
                          .parted = walk->sink->still};
    enum status status = pass(walk, bucket, &chain);
    for (unsigned i = 0; !final(status) && !chain.parted && i < TCP_RETRIES_MAX; i++) {
        walk->summary->retries++;
        chain.previous = chain.count;
        status = pass(walk, bucket, &chain);
    }
    if (!final(status))
        account(walk, &chain, status);
    if (status == STATUS_STOPPED)
        return status;
    enum status handed = hand_out(walk, &chain);
    return status == STATUS_BUDGET ? status : handed;
}
