/* guestmem/paging.h, view.h: walks and copies through spoilt page tables. */
#include "fuzz.h"
#include "guestmem/view.h"

static struct fuzz_guest guest;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    fuzz_guest_make(&guest);
    return 0;
}

static void walk(const struct address_space *space, struct gva at, uint64_t units)
{
    struct budget budget = budget_of(units);
    struct translation t = {.page_size = 7};
    enum status status = paging_walk(space, at, &budget, &t);
    FUZZ_CHECK(budget.used <= space->levels);
    FUZZ_CHECK(status == STATUS_OK || t.page_size == 7);
    if (status != STATUS_OK)
        return;
    FUZZ_CHECK(t.page_size == 4096 || t.page_size == 2 << 20 || t.page_size == 1 << 30);
    FUZZ_CHECK((t.address.v ^ at.v) % t.page_size == 0);
}

static void copy(const struct address_space *space, struct gva at, uint64_t units)
{
    static unsigned char room[9000];
    static struct view view;
    struct budget budget = budget_of(units);
    uint64_t value = 7;
    const unsigned char *bytes;
    uint64_t reads = guest.watched.reads;
    (void)!paging_read(space, &budget, at, room, sizeof room);
    (void)!paging_read_text(space, &budget, at, (char *)room, 300);
    FUZZ_CHECK(paging_read_u64(space, &budget, at, &value) == STATUS_OK || value == 7);
    view_open(&view, space, &budget, at, 1 << 20);
    for (uint64_t i = 0; i < 5; i++)
        (void)!view_bytes(&view, i * 3000, 4000, &bytes);
    FUZZ_CHECK(guest.watched.reads - reads <= budget.used);
    FUZZ_CHECK(budget.used + budget.left == units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address_space space = guest.layout.space;
    struct gva at;
    if (size < 10)
        return 0;
    memcpy(&at, data, sizeof at);
    space.levels = 4 + data[8] % 2;
    if ((data[8] & 2) == 0)
        memset(space.windows, 0, sizeof space.windows);
    fuzz_patch(&guest, data + 10, size - 10);
    walk(&space, at, data[9]);
    copy(&space, at, data[9]);
    copy(&space, gva(guest_direct(&guest.scenario.image, at.v % 0x1000000)), 200);
    fuzz_restore(&guest);
    return 0;
}
