#include "abi/x86_paging.h"
#include "arch/fatal.h"
#include "arch/paging.h"
#include "mem/memory.h"
#include "tdx/ghci.h"

enum {
    SHARED_SIZE = 64 << 10
};

static unsigned char buffer[SHARED_SIZE] __attribute__((aligned(X86_PAGE_SIZE)));
static struct memory_shared shared;

void memory_share(void)
{
    struct gpa start = gpa((uint64_t)buffer);

    if (!ghci_map_gpa(start, sizeof buffer, true))
        fatal("the host refuses to share memory (MapGPA at %lx)", start.v);
    for (uint64_t at = 0; at < sizeof buffer; at += X86_PAGE_SIZE)
        paging_share(gpa_add(start, at));
    shared = (struct memory_shared){buffer, start, sizeof buffer};
}

const struct memory_shared *memory_shared(void)
{
    return &shared;
}
