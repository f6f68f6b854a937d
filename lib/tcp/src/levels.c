/* What a namespace has at the moment: time-wait sockets and their limit, raw sockets. */
#include "base/bytes.h"
#include "reading.h"

enum {
    INUSE_MAX = 1024 /* bytes of struct prot_inuse that are copied */
};

/* The level of raw sockets of IPv4 or IPv6. */
static enum kernel_counter level_of(unsigned which)
{
    return which == 0 ? COUNTER_RAW_SOCKETS : COUNTER_RAW6_SOCKETS;
}

/* A protocol's place in struct prot_inuse is the guest's word: it must lie inside. */
static enum status find_raw(struct reading *reading, unsigned which, struct gva proto)
{
    const struct kernel_members *m = &reading->layout->members;
    uint32_t index;
    if (proto.v == 0 || m->proto_inuse_index == KERNEL_ABSENT)
        return STATUS_OK;
    enum status status = paging_read_u32(&reading->layout->space, reading->budget,
                                         gva_add(proto, m->proto_inuse_index), &index);
    if (status != STATUS_OK)
        return status;
    uint64_t end = m->inuse_values + sizeof index * ((uint64_t)index + 1);
    if (end > m->inuse_size)
        return STATUS_MALFORMED;
    reading->raw[which] = index;
    reading_set(reading, level_of(which), 0);
    return STATUS_OK;
}

static enum status find_inuse(struct reading *reading)
{
    const struct kernel_members *m = &reading->layout->members;
    const struct kernel_symbols *symbols = &reading->layout->symbols;
    struct gva pointer;
    if (m->net_inuse == KERNEL_ABSENT || m->inuse_values == KERNEL_ABSENT ||
        m->inuse_size > INUSE_MAX)
        return STATUS_UNSUPPORTED;
    enum status status = paging_read_pointer(&reading->layout->space, reading->budget,
                                             gva_add(reading->net, m->net_inuse), &pointer);
    if (status == STATUS_OK)
        status = find_raw(reading, 0, symbols->raw_proto);
    if (status == STATUS_OK)
        status = find_raw(reading, 1, symbols->raw6_proto);
    if (status == STATUS_OK)
        reading->inuse = pointer;
    return status;
}

/* The level of time-wait sockets: the count that begins at one (tcp_sk_init, net/ipv4/tcp_ipv4.c).
 */
static enum status read_time_wait(struct reading *reading)
{
    const struct kernel_members *m = &reading->layout->members;
    const struct address_space *space = &reading->layout->space;
    uint32_t use;
    uint32_t limit;
    if (m->net_time_wait_use == KERNEL_ABSENT || m->net_time_wait_limit == KERNEL_ABSENT)
        return STATUS_UNSUPPORTED;
    enum status status =
        paging_read_u32(space, reading->budget, gva_add(reading->net, m->net_time_wait_use), &use);
    if (status == STATUS_OK)
        status = paging_read_u32(space, reading->budget,
                                 gva_add(reading->net, m->net_time_wait_limit), &limit);
    if (status == STATUS_OK && use > 0) {
        reading_set(reading, COUNTER_TIME_WAIT_USE, use - 1);
        reading_set(reading, COUNTER_TIME_WAIT_LIMIT, limit);
    }
    return status;
}

enum status levels_add(struct reading *reading, uint64_t offset)
{
    const struct kernel_members *m = &reading->layout->members;
    unsigned char values[INUSE_MAX];
    if (reading->inuse.v == 0)
        return STATUS_OK;
    enum status status =
        reading_copy(reading, gva_add(reading->inuse, offset), values, m->inuse_size);
    for (unsigned i = 0; i < RAW_PROTOCOLS && status == STATUS_OK; i++)
        if (counter_known(&reading->sums, level_of(i)))
            reading->sums.value[level_of(i)] +=
                load_le32(values + m->inuse_values + sizeof(uint32_t) * reading->raw[i]);
    return status;
}

void levels_leave_out(struct reading *reading)
{
    reading->inuse = gva(0);
    reading_forget(reading, COUNTER_RAW_SOCKETS);
    reading_forget(reading, COUNTER_RAW6_SOCKETS);
}

enum status levels_find(struct reading *reading)
{
    enum status status = read_time_wait(reading);
    if (status != STATUS_BUDGET)
        status = find_inuse(reading);
    if (reading->inuse.v == 0)
        levels_leave_out(reading);
    return status == STATUS_BUDGET ? status : STATUS_OK;
}

static void check(struct reading *reading, enum kernel_counter counter, uint64_t value)
{
    if (value > INT32_MAX)
        reading_forget(reading, counter);
    else
        reading->sums.value[counter] = value;
}

void levels_check(struct reading *reading)
{
    const uint64_t *value = reading->sums.value;
    check(reading, COUNTER_CURR_ESTAB, value[COUNTER_CURR_ESTAB]);
    check(reading, COUNTER_RAW_SOCKETS, (uint32_t)value[COUNTER_RAW_SOCKETS]);
    check(reading, COUNTER_RAW6_SOCKETS, (uint32_t)value[COUNTER_RAW6_SOCKETS]);
}
