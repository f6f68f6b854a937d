/*
 * The arrays of counters of a namespace, read in spans: one copy an array and CPU as Linux lays
 * them out today.
 */
#include "base/bytes.h"
#include "reading.h"

enum {
    SPAN_MAX = 128,    /* entries of an array that are copied at once */
    POINTERS_MAX = 512 /* bytes of struct netns_mib that are copied */
};

/* Counters of one mib follow one another: from first_of[mib] to before first_of[mib + 1]. */
static const uint8_t first_of[KERNEL_MIBS + 1] = {
    [MIB_TCP] = COUNTER_ACTIVE_OPENS, [MIB_LINUX] = COUNTER_TIME_WAITED,
    [MIB_UDP] = COUNTER_UDP_IN,       [MIB_UDP6] = COUNTER_UDP6_IN,
    [MIB_ICMP] = COUNTER_ICMP_IN,     [MIB_ICMP6] = COUNTER_ICMP6_IN,
    [MIB_IP] = COUNTER_IP_IN_OCTETS,  [MIB_IP6] = COUNTER_IP6_IN_OCTETS,
    [KERNEL_MIBS] = COUNTERS_IN_MIBS,
};

/* A mib whose pointer is set takes part; its counters begin at zero. */
void mibs_take_part(struct reading *reading, enum kernel_mib mib, struct gva pointer)
{
    reading->mibs[mib] = pointer;
    for (unsigned i = first_of[mib]; pointer.v != 0 && i < first_of[mib + 1]; i++)
        if (reading->layout->counters[i] != KERNEL_ABSENT)
            reading_set(reading, (enum kernel_counter)i, 0);
}

void mibs_leave_out(struct reading *reading, enum kernel_mib mib)
{
    reading->mibs[mib] = gva(0);
    for (unsigned i = first_of[mib]; i < first_of[mib + 1]; i++)
        reading_forget(reading, (enum kernel_counter)i);
}

/*
 * The pointers stand side by side in struct netns_mib: one copy, around that of struct tcp_mib, has
 * them all.
 */
enum status mibs_find(struct reading *reading)
{
    const uint32_t *at = reading->layout->members.net_mibs;
    const uint32_t width = sizeof(uint64_t);
    unsigned char pointers[POINTERS_MAX];
    uint32_t low = at[MIB_TCP];
    uint32_t high = at[MIB_TCP];
    if (low == KERNEL_ABSENT)
        return STATUS_UNSUPPORTED;
    for (unsigned i = 0; i < KERNEL_MIBS; i++)
        if (at[i] < low && high - at[i] <= POINTERS_MAX - width)
            low = at[i];
    for (unsigned i = 0; i < KERNEL_MIBS; i++)
        if (at[i] > high && at[i] - low <= POINTERS_MAX - width)
            high = at[i];
    enum status status =
        reading_copy(reading, gva_add(reading->net, low), pointers, high - low + width);
    for (unsigned i = 0; i < KERNEL_MIBS && status == STATUS_OK; i++)
        if (at[i] >= low && at[i] <= high)
            mibs_take_part(reading, (enum kernel_mib)i, gva(load_le64(pointers + (at[i] - low))));
    return status;
}

/* The smallest index of the mib's counters that is not below `from`; KERNEL_ABSENT: there is none.
 */
static uint32_t next_index(const struct reading *reading, enum kernel_mib mib, uint32_t from)
{
    uint32_t found = KERNEL_ABSENT;
    for (unsigned i = first_of[mib]; i < first_of[mib + 1]; i++)
        if (reading->layout->counters[i] >= from && reading->layout->counters[i] < found)
            found = reading->layout->counters[i];
    return found;
}

/* Adds those counters of one CPU whose index is in [from, from + SPAN_MAX): one copy. */
static enum status add_span(struct reading *reading, enum kernel_mib mib, struct gva array,
                            uint32_t from)
{
    const uint32_t *index = reading->layout->counters;
    unsigned char values[SPAN_MAX * sizeof(uint64_t)];
    uint32_t count = 0;
    for (unsigned i = first_of[mib]; i < first_of[mib + 1]; i++)
        if (index[i] - from < SPAN_MAX && index[i] - from >= count)
            count = index[i] - from + 1;
    struct gva at = gva_add(array, from * sizeof(uint64_t));
    enum status status = reading_copy(reading, at, values, count * sizeof(uint64_t));
    for (unsigned i = first_of[mib]; i < first_of[mib + 1] && status == STATUS_OK; i++)
        if (index[i] - from < count)
            reading->sums.value[i] += load_le64(values + (index[i] - from) * sizeof(uint64_t));
    return status;
}

enum status mibs_add(struct reading *reading, enum kernel_mib mib, uint64_t offset)
{
    struct gva array = gva_add(reading->mibs[mib], offset);
    enum status status = STATUS_OK;
    uint32_t from = next_index(reading, mib, 0);
    if (reading->mibs[mib].v == 0)
        return STATUS_OK;
    while (status == STATUS_OK && from != KERNEL_ABSENT) {
        status = add_span(reading, mib, array, from);
        from = next_index(reading, mib, from + SPAN_MAX);
    }
    return status;
}
