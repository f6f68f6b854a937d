/* The two ways from a hit to symbols and page tables. */
#include "attempt.h"

#include "base/bytes.h"
#include "tokens.h"

/* Alignment of the image in both address spaces (CONFIG_PHYSICAL_ALIGN, at least 2 MiB). */
#define IMAGE_ALIGNMENT (2ULL << 20)

static const char banner[] = "Linux version ";

#define WANTED(symbol, member, required)                                                           \
    {                                                                                              \
        symbol, offsetof(struct kernel_symbols, member), required                                  \
    }

static const struct kallsyms_wanted wanted[] = {
    WANTED("_stext", stext, true),
    WANTED("_text", text, true),
    WANTED("_end", end, true),
    WANTED("init_top_pgt", init_top_pgt, true),
    WANTED("vmcoreinfo_note", vmcoreinfo_note, false),
    WANTED("init_uts_ns", init_uts_ns, true),
    WANTED("linux_banner", linux_banner, false),
    WANTED("page_offset_base", page_offset_base, false),
    WANTED("iomem_resource", iomem_resource, false),
    WANTED("__start_BTF", btf_start, true),
    WANTED("__stop_BTF", btf_stop, true),
    WANTED("init_net", init_net, true),
    WANTED("net_namespace_list", net_namespace_list, true),
    WANTED("tcp_hashinfo", tcp_hashinfo, true),
    WANTED("inet_ehashfn", ehashfn, false),
    WANTED("inet6_ehashfn", ehashfn6, false),
    WANTED("init_task", init_task, false),
    WANTED("__per_cpu_offset", per_cpu_offset, false),
    WANTED("__cpu_possible_mask", cpu_possible_mask, false),
    WANTED("jiffies_64", jiffies, false),
    WANTED("raw_prot", raw_proto, false),
    WANTED("rawv6_prot", raw6_proto, false),
    WANTED("entry_SYSCALL_64", entry_syscall, false),
};

enum {
    WANTED_COUNT = sizeof wanted / sizeof *wanted
};

/* The window that covers the kernel image, when `phys_base` is what the kernel says it is. */
static struct paging_window image_window(uint64_t phys_base)
{
    return (struct paging_window){
        .base = gva(IMAGE_MAP_BASE), .size = IMAGE_MAP_SIZE, .first = gpa(phys_base)};
}

static enum status find_symbols(struct attempt *attempt)
{
    return kallsyms_find(&attempt->workspace->kallsyms, wanted, WANTED_COUNT,
                         &attempt->layout.symbols, &attempt->evidence);
}

/* The address space that the note describes; its root is reached through the image window. */
static enum status open_space(struct attempt *attempt, const struct vmcoreinfo *info)
{
    struct address_space *space = &attempt->layout.space;
    space->windows[0] = image_window((uint64_t)info->phys_base);
    space->levels = info->l5_enabled == 1 ? 5 : 4;
    space->ignored_bits = (uint64_t)info->sme_mask;
    enum status status =
        paging_translate(space, gva(info->swapper_pg_dir), &attempt->budget, &space->root);
    if (status != STATUS_OK || space->root.v % VMCOREINFO_PAGE != 0)
        return refuse(&attempt->evidence, STATUS_MISMATCH, "swapper_pg_dir", info->swapper_pg_dir);
    return attempt_check_mapping(attempt, gva(info->stext));
}

static struct kallsyms_tables tables_of(const struct vmcoreinfo *info)
{
    return (struct kallsyms_tables){.names = gva(info->kallsyms_names),
                                    .num_syms = gva(info->kallsyms_num_syms),
                                    .token_table = gva(info->kallsyms_token_table),
                                    .token_index = gva(info->kallsyms_token_index),
                                    .offsets = gva(info->kallsyms_offsets),
                                    .relative_base = gva(info->kallsyms_relative_base)};
}

static enum status symbols_of_note(struct attempt *attempt, const struct vmcoreinfo *info)
{
    struct kallsyms_tables tables = tables_of(info);
    enum status status = kallsyms_open(&attempt->workspace->kallsyms, &attempt->layout.space,
                                       &attempt->budget, &tables, &attempt->evidence);
    if (status == STATUS_OK)
        status = find_symbols(attempt);
    if (status != STATUS_OK)
        return status;
    const struct kernel_symbols *symbols = &attempt->layout.symbols;
    if (symbols->stext.v != info->stext || symbols->init_top_pgt.v != info->swapper_pg_dir)
        return refuse(&attempt->evidence, STATUS_MISMATCH, "kallsyms against VMCOREINFO",
                      symbols->stext.v);
    return STATUS_OK;
}

/* Whether another note said the same, and the kernel they describe points at yet another one. */
static bool is_known_copy(const struct kernel_workspace *workspace, const struct vmcoreinfo *info,
                          struct gpa note)
{
    return workspace->known_note.v != 0 && workspace->known_note.v != note.v &&
           bytes_equal(&workspace->known, info, sizeof *info);
}

enum status attempt_note(struct attempt *attempt, struct gpa note)
{
    struct kernel_layout *layout = &attempt->layout;
    struct vmcoreinfo info = {0};
    unsigned char *page = attempt->workspace->page;
    enum status status = guestmem_read(layout->space.memory, note, page, VMCOREINFO_PAGE);
    if (status == STATUS_OK)
        status = vmcoreinfo_parse(page, &info, &attempt->evidence);
    if (status != STATUS_OK)
        return status;
    if (is_known_copy(attempt->workspace, &info, note))
        return refuse(&attempt->evidence, STATUS_MISMATCH, "a copy of a note", note.v);
    attempt->workspace->known = info;
    attempt->workspace->known_note = gpa(0);
    layout->note = note;
    bytes_copy(layout->release, info.release, sizeof layout->release);
    attempt->stage = STAGE_TEXT;
    status = open_space(attempt, &info);
    if (status != STATUS_OK)
        return status;
    attempt->stage = STAGE_SYMBOLS;
    status = symbols_of_note(attempt, &info);
    return status == STATUS_OK ? attempt_close(attempt) : status;
}

/* Guest-physical memory seen as an address space of its own. */
static struct address_space physical_space(const struct guestmem *memory)
{
    return (struct address_space){
        .memory = memory,
        .levels = 4,
        .windows = {{.base = gva(0), .size = UINT64_MAX, .first = gpa(0)}}};
}

/* The image holds the token index, and begins at a multiple of its alignment: try each. */
static enum status place_image(struct attempt *attempt, struct gpa token_index)
{
    const struct kernel_symbols *symbols = &attempt->layout.symbols;
    struct paging_window *window = &attempt->layout.space.windows[0];
    char text[sizeof banner];
    uint64_t image_size = symbols->end.v - symbols->text.v;
    uint64_t highest = token_index.v & ~(IMAGE_ALIGNMENT - 1);
    if (image_size > IMAGE_MAP_SIZE || symbols->linux_banner.v == 0)
        return refuse(&attempt->evidence, STATUS_MALFORMED, "size of the image", image_size);
    for (uint64_t back = 0; back <= image_size && back <= highest; back += IMAGE_ALIGNMENT) {
        *window = image_window(highest - back - (symbols->text.v - IMAGE_MAP_BASE));
        enum status status = paging_read(&attempt->layout.space, &attempt->budget,
                                         symbols->linux_banner, text, sizeof text);
        if (status == STATUS_BUDGET)
            return status;
        if (status == STATUS_OK && bytes_equal(text, banner, sizeof banner - 1))
            return STATUS_OK;
    }
    return refuse(&attempt->evidence, STATUS_NOT_FOUND, "linux_banner", symbols->linux_banner.v);
}

/* Without a note the kernel's own tables tell how many levels they have: one number fits. */
static enum status find_levels(struct attempt *attempt)
{
    struct address_space *space = &attempt->layout.space;
    enum status status = paging_translate(space, attempt->layout.symbols.init_top_pgt,
                                          &attempt->budget, &space->root);
    for (space->levels = 5; status == STATUS_OK && space->levels >= 4; space->levels--)
        if (attempt_check_mapping(attempt, attempt->layout.symbols.stext) == STATUS_OK)
            return STATUS_OK;
    return status == STATUS_OK ? STATUS_MISMATCH : status;
}

/* The banner names the release; the loop is closed when init_uts_ns names the same. */
enum status attempt_release(struct attempt *attempt)
{
    struct kernel_layout *layout = &attempt->layout;
    struct gva at = layout->symbols.linux_banner;
    char text[sizeof banner - 1 + KERNEL_RELEASE_SIZE];
    enum status status = paging_read(&layout->space, &attempt->budget, at, text, sizeof text);
    if (status == STATUS_OK && !bytes_equal(text, banner, sizeof banner - 1))
        status = STATUS_MISMATCH;
    if (status != STATUS_OK)
        return refuse(&attempt->evidence, status, "linux_banner", at.v);
    const char *release = text + sizeof banner - 1;
    size_t length = 0;
    while (length < KERNEL_RELEASE_SIZE && release[length] != ' ' && release[length] != '\0')
        length++;
    if (length == 0 || length == KERNEL_RELEASE_SIZE)
        return refuse(&attempt->evidence, STATUS_MALFORMED, "linux_banner", at.v);
    bytes_copy(layout->release, release, length);
    layout->release[length] = '\0';
    return STATUS_OK;
}

enum status attempt_symbols(struct attempt *attempt, const struct guestmem *memory,
                            struct gpa token_index)
{
    struct kallsyms *kallsyms = &attempt->workspace->kallsyms;
    struct address_space physical = physical_space(memory);
    struct kallsyms_tables tables = {0};
    enum status status = tokens_find_tables(&physical, &attempt->budget, gva(token_index.v),
                                            &kallsyms->names, &tables, &attempt->evidence);
    attempt->stage = STAGE_SYMBOLS;
    if (status == STATUS_OK)
        status = kallsyms_open(kallsyms, &physical, &attempt->budget, &tables, &attempt->evidence);
    return status == STATUS_OK ? find_symbols(attempt) : status;
}

enum status attempt_tokens(struct attempt *attempt, struct gpa token_index)
{
    enum status status = attempt_symbols(attempt, attempt->layout.space.memory, token_index);
    if (status == STATUS_OK)
        status = place_image(attempt, token_index);
    if (status == STATUS_OK)
        status = find_levels(attempt);
    if (status == STATUS_OK)
        status = attempt_release(attempt);
    return status == STATUS_OK ? attempt_close(attempt) : status;
}
