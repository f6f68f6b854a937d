/* kernel/src/kallsyms.h and tokens.h: spoilt tables, by their addresses and by their shape. */
#include "fuzz.h"
#include "tokens.h"

static struct fuzz_guest guest;
static struct kallsyms kallsyms;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    fuzz_guest_make(&guest);
    /* Only the tables are of interest here. */
    for (unsigned i = 0; i < FUZZ_REGIONS; i++)
        guest.regions[i] = guest.regions[FUZZ_REGION_TABLES];
    return 0;
}

static void by_address(void)
{
    static const struct kallsyms_wanted wanted[] = {
        {"_stext", offsetof(struct kernel_symbols, stext), true},
        {"init_net", offsetof(struct kernel_symbols, init_net), true},
        {"nowhere", offsetof(struct kernel_symbols, end), false}};
    const struct kallsyms_image *at = &guest.scenario.kernel.tables;
    uint64_t base = guest.scenario.kernel.kallsyms;
    struct kallsyms_tables tables = {gva(base + at->names),       gva(base + at->num_syms),
                                     gva(base + at->token_table), gva(base + at->token_index),
                                     gva(base + at->offsets),     gva(base + at->relative_base)};
    struct kernel_symbols symbols = {.text = gva(7)};
    struct evidence evidence = {NULL, 0};
    struct budget budget = budget_of(2000);
    enum status status = kallsyms_open(&kallsyms, &guest.layout.space, &budget, &tables, &evidence);
    if (status == STATUS_OK)
        status = kallsyms_find(&kallsyms, wanted, 3, &symbols, &evidence);
    FUZZ_CHECK(status == STATUS_OK || (symbols.text.v == 7 && evidence.what != NULL));
    FUZZ_CHECK(guest.watched.reads <= budget.used);
}

static void by_shape(void)
{
    struct address_space physical = {
        .memory = &guest.memory, .levels = 4, .windows = {{gva(0), UINT64_MAX, gpa(0)}}};
    struct kallsyms_tables tables = {.names = gva(7)};
    struct evidence evidence = {NULL, 0};
    struct budget budget = budget_of(1500);
    uint64_t index =
        guest_physical(&guest.scenario.image,
                       guest.scenario.kernel.kallsyms + guest.scenario.kernel.tables.token_index);
    if (!tokens_index_plausible(&guest.memory, gpa(index)))
        return;
    enum status status =
        tokens_find_tables(&physical, &budget, gva(index), &kallsyms.names, &tables, &evidence);
    FUZZ_CHECK(status == STATUS_OK || (tables.names.v == 7 && evidence.what != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_patch(&guest, data, size);
    by_address();
    by_shape();
    fuzz_restore(&guest);
    return 0;
}
