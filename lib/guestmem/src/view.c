#include "guestmem/view.h"

#include "base/checked.h"

void view_open(struct view *view, const struct address_space *space, struct budget *budget,
               struct gva base, uint64_t size)
{
    view->space = space;
    view->budget = budget;
    view->base = base;
    view->size = size;
    view->start = 0;
    view->filled = 0;
}

static enum status fill_exactly(struct view *view, uint64_t at, size_t length)
{
    view->filled = 0;
    enum status status =
        paging_read(view->space, view->budget, gva_add(view->base, at), view->buffer, length);
    if (status == STATUS_OK) {
        view->start = at;
        view->filled = length;
    }
    return status;
}

/* Fills the buffer from `at` on; only the first `needed` bytes when what follows is not there. */
static enum status fill(struct view *view, uint64_t at, size_t needed)
{
    uint64_t left = view->size - at;
    size_t length = left < VIEW_BUFFER ? (size_t)left : VIEW_BUFFER;
    enum status status = fill_exactly(view, at, length);
    if (status == STATUS_OUTSIDE || status == STATUS_UNMAPPED)
        return fill_exactly(view, at, needed);
    return status;
}

enum status view_bytes(struct view *view, uint64_t at, size_t length, const unsigned char **bytes)
{
    if (length > VIEW_BUFFER || !range_within(at, length, view->size))
        return STATUS_TRUNCATED;
    bool at_hand = at >= view->start && range_within(at - view->start, length, view->filled);
    if (!at_hand) {
        enum status status = fill(view, at, length);
        if (status != STATUS_OK)
            return status;
    }
    *bytes = view->buffer + (at - view->start);
    return STATUS_OK;
}
