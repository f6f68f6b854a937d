/* kernel/src/btf.h, members.h: a spoilt BTF section. */
#include "fuzz.h"
#include "members.h"

static struct fuzz_guest guest;
static struct btf btf;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    fuzz_guest_make(&guest);
    for (unsigned i = 0; i < FUZZ_REGIONS; i++)
        guest.regions[i] = guest.regions[FUZZ_REGION_BTF];
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kernel_members members = {.net_list = 7};
    uint32_t counters[COUNTERS_IN_MIBS] = {7};
    struct evidence evidence = {NULL, 0};
    struct budget budget = budget_of(3000);
    fuzz_patch(&guest, data, size);
    enum status status =
        btf_open(&btf, &guest.layout.space, &budget, guest.layout.symbols.btf_start,
                 guest.scenario.kernel.btf_size, &evidence);
    if (status == STATUS_OK)
        status = members_find(&btf, &members, counters, &evidence);
    if (status != STATUS_OK)
        FUZZ_CHECK(members.net_list == 7 && counters[0] == 7 && evidence.what != NULL);
    FUZZ_CHECK(guest.watched.reads <= budget.used);
    fuzz_restore(&guest);
    return 0;
}
