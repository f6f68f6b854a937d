/*
 * Counters of a namespace, summed over the possible CPUs as snmp_fold_field and sock_prot_inuse_get
 * do (Linux net/ipv4/af_inet.c, net/core/sock.c).
 */
#include "base/bytes.h"
#include "reading.h"

enum {
    CPUMASK_MAX = 1024, /* bytes: 8192 CPUs, the most that x86-64 Linux can be built for */
    CPUS_AT_ONCE = 64   /* bits of a word of the mask */
};

/* What cannot be read is left out, but struct tcp_mib must be there. */
static enum status add_cpu(struct reading *reading, uint64_t offset)
{
    for (unsigned i = 0; i < KERNEL_MIBS; i++) {
        enum kernel_mib mib = (enum kernel_mib)i;
        enum status status = mibs_add(reading, mib, offset);
        if (status == STATUS_BUDGET || (status != STATUS_OK && mib == MIB_TCP))
            return status;
        if (status != STATUS_OK)
            mibs_leave_out(reading, mib);
    }
    enum status status = levels_add(reading, offset);
    if (status == STATUS_OK || status == STATUS_BUDGET)
        return status;
    levels_leave_out(reading);
    return STATUS_OK;
}

/* The CPUs of one word of the mask. Their offsets stand side by side as well. */
static enum status add_word(struct reading *reading, uint64_t word, unsigned first)
{
    uint64_t offsets[CPUS_AT_ONCE];
    unsigned low = (unsigned)__builtin_ctzll(word);
    unsigned count = CPUS_AT_ONCE - low - (unsigned)__builtin_clzll(word);
    struct gva at = gva_add(reading->layout->symbols.per_cpu_offset,
                            sizeof offsets[0] * (uint64_t)(first + low));
    enum status status = reading_copy(reading, at, offsets, sizeof offsets[0] * count);
    for (unsigned i = 0; i < count && status == STATUS_OK; i++)
        if (word >> (low + i) & 1)
            status = add_cpu(reading, offsets[i]);
    return status;
}

static enum status add_cpus(struct reading *reading)
{
    unsigned char mask[CPUMASK_MAX];
    uint32_t size = reading->layout->members.cpumask_size;
    enum status status =
        reading_copy(reading, reading->layout->symbols.cpu_possible_mask, mask, size);
    for (unsigned at = 0; at < size && status == STATUS_OK; at += (unsigned)sizeof(uint64_t)) {
        uint64_t word = load_le64(mask + at);
        if (word != 0)
            status = add_word(reading, word, at * 8);
    }
    return status;
}

static bool supported(const struct kernel_layout *layout)
{
    uint32_t size = layout->members.cpumask_size;
    return layout->symbols.per_cpu_offset.v != 0 && layout->symbols.cpu_possible_mask.v != 0 &&
           size != KERNEL_ABSENT && size <= CPUMASK_MAX && size % sizeof(uint64_t) == 0;
}

static enum status read_cookie(const struct reading *reading, uint64_t *cookie)
{
    uint32_t at = reading->layout->members.net_cookie;
    enum status status = STATUS_OK;
    *cookie = 0;
    if (at != KERNEL_ABSENT)
        status = paging_read_u64(&reading->layout->space, reading->budget,
                                 gva_add(reading->net, at), cookie);
    return status;
}

enum status tcp_read_counters(const struct kernel_layout *layout, struct budget *budget,
                              struct tcp_namespace *space)
{
    struct reading reading = {.layout = layout, .budget = budget, .net = space->net};
    uint64_t cookie = 0;
    if (!supported(layout))
        return STATUS_UNSUPPORTED;
    enum status status = read_cookie(&reading, &cookie);
    if (status == STATUS_OK)
        status = mibs_find(&reading);
    if (status == STATUS_OK && reading.mibs[MIB_TCP].v == 0)
        status = STATUS_UNMAPPED;
    if (status == STATUS_OK)
        status = levels_find(&reading);
    if (status == STATUS_OK)
        status = add_cpus(&reading);
    if (status != STATUS_OK)
        return status;
    levels_check(&reading);
    space->counters = reading.sums;
    space->cookie = cookie;
    return STATUS_OK;
}

enum status tcp_read_activity(const struct kernel_layout *layout, struct budget *budget,
                              struct gva net, struct tcp_activity *activity)
{
    static const uint64_t needed = 1ULL << COUNTER_IN_SEGS | 1ULL << COUNTER_OUT_SEGS |
                                   1ULL << COUNTER_ACTIVE_OPENS | 1ULL << COUNTER_PASSIVE_OPENS |
                                   1ULL << COUNTER_CURR_ESTAB;
    struct reading reading = {.layout = layout, .budget = budget, .net = net};
    const uint64_t *value = reading.sums.value;
    struct gva pointer;
    if (!supported(layout) || layout->members.net_mibs[MIB_TCP] == KERNEL_ABSENT)
        return STATUS_UNSUPPORTED;
    enum status status = paging_read_pointer(
        &layout->space, budget, gva_add(net, layout->members.net_mibs[MIB_TCP]), &pointer);
    if (status != STATUS_OK)
        return status;
    if (pointer.v == 0)
        return STATUS_UNMAPPED;
    mibs_take_part(&reading, MIB_TCP, pointer);
    if ((reading.sums.known & needed) != needed)
        return STATUS_UNSUPPORTED;
    status = add_cpus(&reading);
    if (status != STATUS_OK)
        return status;
    *activity = (struct tcp_activity){.in_segs = value[COUNTER_IN_SEGS],
                                      .out_segs = value[COUNTER_OUT_SEGS],
                                      .active_opens = value[COUNTER_ACTIVE_OPENS],
                                      .passive_opens = value[COUNTER_PASSIVE_OPENS],
                                      .curr_estab = value[COUNTER_CURR_ESTAB]};
    return STATUS_OK;
}
