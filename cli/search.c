#include "search.h"

#include <errno.h>
#include <unistd.h>

enum {
    EXTENTS_AT_ONCE = 256,
    PAGE = 4096
};

/*
 * The next run of data at or behind `from`, in whole pages; false: there is none. A file system
 * that does not know its holes has one run.
 */
static bool next_extent(const struct mapping *mapping, uint64_t from, struct guestmem_range *extent)
{
    if (from >= mapping->size)
        return false;

    off_t data = lseek(mapping->file, (off_t)from, SEEK_DATA);
    if (data < 0 && errno == ENXIO)
        return false;
    uint64_t start = data < 0 ? from : (uint64_t)data / PAGE * PAGE;
    off_t hole = data < 0 ? -1 : lseek(mapping->file, data, SEEK_HOLE);
    uint64_t end = hole < 0 ? mapping->size : ((uint64_t)hole + PAGE - 1) / PAGE * PAGE;

    if (start < from)
        start = from;
    if (end > mapping->size)
        end = mapping->size;
    if (end <= start) /* the file shrank */
        return false;
    *extent = (struct guestmem_range){gpa(start), end - start};
    return true;
}

static void add_hits(struct kernel_hits *all, const struct kernel_hits *some)
{
    all->missed += some->missed;
    for (size_t i = 0; i < some->count; i++) {
        if (all->count < KERNEL_HITS_MAX)
            all->at[all->count++] = some->at[i];
        else
            all->missed++;
    }
}

enum status search_file(const struct mapping *mapping, const struct guestmem *flat,
                        search_function *scan, uint64_t units, struct kernel_hits *hits)
{
    struct guestmem_range extents[EXTENTS_AT_ONCE];
    struct guestmem some = {.read = flat->read, .context = flat->context, .ranges = extents};
    struct budget budget = budget_of(units);
    struct kernel_hits all = {.count = 0};
    struct kernel_hits found;
    uint64_t from = 0;

    do {
        some.range_count = 0;
        while (some.range_count < EXTENTS_AT_ONCE &&
               next_extent(mapping, from, &extents[some.range_count])) {
            from = extents[some.range_count].start.v + extents[some.range_count].size;
            some.range_count++;
        }
        enum status status = scan(&some, &budget, &found);
        if (status != STATUS_OK)
            return status;
        add_hits(&all, &found);
    } while (some.range_count == EXTENTS_AT_ONCE);
    *hits = all;
    return STATUS_OK;
}
