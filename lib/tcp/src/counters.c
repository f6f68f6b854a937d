/* MIB counters: one array a possible CPU, summed as snmp_fold_field does (net/ipv4/af_inet.c). */
#include "tcp/scan.h"

#include "base/bytes.h"

enum {
    CPUMASK_MAX = 1024
}; /* bytes: 8192 CPUs, the most that x86-64 Linux can be built for */

static bool supported(const struct kernel_layout *layout)
{
    const struct kernel_members *m = &layout->members;
    return layout->symbols.per_cpu_offset.v != 0 && layout->symbols.cpu_possible_mask.v != 0 &&
           m->cpumask_size != KERNEL_ABSENT && m->cpumask_size <= CPUMASK_MAX &&
           m->net_tcp_mib != KERNEL_ABSENT && m->net_linux_mib != KERNEL_ABSENT;
}

struct sums {
    const struct kernel_layout *layout;
    struct budget *budget;
    struct gva tcp_mib, linux_mib; /* per-CPU pointers */
    uint64_t *counters;
};

static enum status add_cpu(const struct sums *sums, unsigned cpu)
{
    const struct address_space *space = &sums->layout->space;
    struct gva at = gva_add(sums->layout->symbols.per_cpu_offset, sizeof at * (uint64_t)cpu);
    uint64_t offset;
    enum status status = paging_read_u64(space, sums->budget, at, &offset);
    for (size_t i = 0; i < COUNTER_COUNT && status == STATUS_OK; i++) {
        struct gva base = i < COUNTERS_IN_TCP_MIB ? sums->tcp_mib : sums->linux_mib;
        uint64_t index = sums->layout->counters[i];
        uint64_t value;
        if (index == KERNEL_ABSENT)
            continue;
        at = gva_add(base, offset + index * sizeof value);
        status = paging_read_u64(space, sums->budget, at, &value);
        if (status == STATUS_OK)
            sums->counters[i] += value;
    }
    return status;
}

static enum status add_cpus(const struct sums *sums)
{
    unsigned char mask[CPUMASK_MAX];
    uint32_t size = sums->layout->members.cpumask_size;
    enum status status = paging_read(&sums->layout->space, sums->budget,
                                     sums->layout->symbols.cpu_possible_mask, mask, size);
    for (unsigned cpu = 0; cpu < size * 8 && status == STATUS_OK; cpu++)
        if (mask[cpu / 8] & 1U << cpu % 8)
            status = add_cpu(sums, cpu);
    return status;
}

enum status tcp_read_counters(const struct kernel_layout *layout, struct budget *budget,
                              struct tcp_namespace *space)
{
    const struct kernel_members *m = &layout->members;
    uint64_t counters[COUNTER_COUNT] = {0};
    struct sums sums = {.layout = layout, .budget = budget, .counters = counters};
    if (!supported(layout))
        return STATUS_UNSUPPORTED;
    enum status status = paging_read_pointer(&layout->space, budget,
                                             gva_add(space->net, m->net_tcp_mib), &sums.tcp_mib);
    if (status == STATUS_OK)
        status = paging_read_pointer(&layout->space, budget, gva_add(space->net, m->net_linux_mib),
                                     &sums.linux_mib);
    if (status == STATUS_OK)
        status = add_cpus(&sums);
    if (status != STATUS_OK)
        return status;
    bytes_copy(space->counters, counters, sizeof counters);
    space->has_counters = true;
    return STATUS_OK;
}
