/* File to process: init_task's list of processes, and each one's descriptor table. */
#include "tcp/owners.h"

#include "base/bytes.h"
#include "walk.h"

enum {
    TASKS_MAX = 1 << 22, /* PID_MAX_LIMIT of 64-bit Linux */
    FILES_AT_ONCE = 64
};

struct build {
    const struct kernel_layout *layout;
    struct budget *budget;
    struct tcp_owners *owners;
};

static bool supported(const struct kernel_layout *layout)
{
    const struct kernel_members *m = &layout->members;
    return layout->symbols.init_task.v != 0 && m->task_tasks != KERNEL_ABSENT &&
           m->task_files != KERNEL_ABSENT && m->task_tgid != KERNEL_ABSENT &&
           m->task_comm != KERNEL_ABSENT && m->files_fdt != KERNEL_ABSENT &&
           m->fdtable_max_fds != KERNEL_ABSENT && m->fdtable_fd != KERNEL_ABSENT;
}

static enum status read_at(const struct build *build, struct gva at, void *to, size_t length)
{
    return paging_read(&build->layout->space, build->budget, at, to, length);
}

static enum status add_files(const struct build *build, const struct gva *files, size_t count,
                             const struct socket_owner *first)
{
    struct tcp_owners *owners = build->owners;
    for (size_t i = 0; i < count; i++) {
        if (files[i].v == 0)
            continue;
        if (owners->count == owners->room)
            return STATUS_FULL;
        struct tcp_owner_entry *entry = &owners->entries[owners->count++];
        entry->file = files[i];
        entry->owner = *first;
        entry->owner.fd += (uint32_t)i;
    }
    return STATUS_OK;
}

static enum status add_table(const struct build *build, struct gva table,
                             struct socket_owner *owner)
{
    const struct kernel_members *m = &build->layout->members;
    struct gva files[FILES_AT_ONCE] = {{0}};
    struct gva array = {0};
    uint32_t size;
    enum status status = read_at(build, gva_add(table, m->fdtable_max_fds), &size, sizeof size);
    if (status == STATUS_OK)
        status = read_at(build, gva_add(table, m->fdtable_fd), &array, sizeof array);
    for (uint32_t fd = 0; status == STATUS_OK && fd < size;) {
        uint32_t part = size - fd < FILES_AT_ONCE ? size - fd : FILES_AT_ONCE;
        struct gva at = gva_add(array, sizeof *files * (uint64_t)fd);
        status = read_at(build, at, files, sizeof *files * part);
        owner->fd = fd;
        if (status == STATUS_OK)
            status = add_files(build, files, part, owner);
        fd = part <= UINT32_MAX - fd ? fd + part : size;
    }
    return status;
}

/* One process; kernel threads have a table without files, exiting ones have none. */
static enum status add_task(const struct build *build, struct gva task)
{
    const struct kernel_members *m = &build->layout->members;
    struct socket_owner owner = {0};
    struct gva files = {0};
    struct gva table = {0};
    enum status status = read_at(build, gva_add(task, m->task_tgid), &owner.pid, sizeof owner.pid);
    if (status == STATUS_OK)
        status = read_at(build, gva_add(task, m->task_comm), owner.comm, sizeof owner.comm);
    if (status == STATUS_OK)
        status = read_at(build, gva_add(task, m->task_files), &files, sizeof files);
    if (status != STATUS_OK || files.v == 0)
        return status;
    owner.comm[sizeof owner.comm - 1] = '\0';
    status = read_at(build, gva_add(files, m->files_fdt), &table, sizeof table);
    return status == STATUS_OK ? add_table(build, table, &owner) : status;
}

static enum status add_tasks(const struct build *build)
{
    const struct kernel_members *m = &build->layout->members;
    struct gva first = gva_add(build->layout->symbols.init_task, m->task_tasks);
    struct gva at = first;
    struct cycle cycle = {0};
    for (unsigned i = 0; i < TASKS_MAX; i++) {
        enum status status = add_task(build, gva(at.v - m->task_tasks));
        if (status == STATUS_BUDGET || status == STATUS_FULL)
            return status;
        build->owners->tasks++;
        if (status != STATUS_OK)
            build->owners->faults++;
        status = read_at(build, at, &at, sizeof at);
        if (status == STATUS_BUDGET)
            return status;
        if (status != STATUS_OK || cycle_closed(&cycle, at)) {
            build->owners->faults++;
            return STATUS_OK;
        }
        if (at.v == first.v)
            return STATUS_OK;
    }
    return STATUS_OK;
}

static bool before(const struct tcp_owner_entry *a, const struct tcp_owner_entry *b)
{
    if (a->file.v != b->file.v)
        return a->file.v < b->file.v;
    if (a->owner.pid != b->owner.pid)
        return a->owner.pid < b->owner.pid;
    return a->owner.fd < b->owner.fd;
}

static void sift_down(struct tcp_owner_entry *entries, size_t root, size_t count)
{
    struct tcp_owner_entry moved = entries[root];
    for (size_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && before(&entries[child], &entries[child + 1]))
            child++;
        if (!before(&moved, &entries[child]))
            break;
        entries[root] = entries[child];
        root = child;
    }
    entries[root] = moved;
}

/* Heapsort: in place, without recursion, and no input makes it slow. */
static void sort(struct tcp_owner_entry *entries, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(entries, i, count);
    for (size_t end = count; end-- > 1;) {
        struct tcp_owner_entry last = entries[end];
        entries[end] = entries[0];
        entries[0] = last;
        sift_down(entries, 0, end);
    }
}

enum status tcp_owners_build(const struct kernel_layout *layout, struct budget *budget,
                             struct tcp_owners *owners)
{
    struct build build = {layout, budget, owners};
    owners->count = 0;
    owners->tasks = 0;
    owners->faults = 0;
    if (!supported(layout))
        return STATUS_UNSUPPORTED;
    enum status status = add_tasks(&build);
    sort(owners->entries, owners->count);
    return status;
}

void tcp_owners_name(const struct tcp_owners *owners, struct socket_record *record)
{
    size_t low = 0;
    size_t high = owners->count;
    record->owners_known = true;
    record->owner_count = 0;
    if (record->file.v == 0)
        return;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (owners->entries[middle].file.v < record->file.v)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < owners->count && owners->entries[low].file.v == record->file.v; low++) {
        if (record->owner_count < SOCKET_OWNERS_MAX)
            record->owners[record->owner_count] = owners->entries[low].owner;
        record->owner_count++;
    }
}
