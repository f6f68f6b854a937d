#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "population.h"

struct scenario_options scenario_defaults(void)
{
    return (struct scenario_options){.levels = 4,
                                     .kaslr = 0x2c000000,
                                     .direct_leaf = 2 * SCENARIO_MIB,
                                     .ram_size = 16 * SCENARIO_MIB,
                                     .image_pa = 4 * SCENARIO_MIB,
                                     .pages_from = 8 * SCENARIO_MIB,
                                     .pages_to = 16 * SCENARIO_MIB,
                                     .scheme = KALLSYMS_PERCPU,
                                     .order = KALLSYMS_OFFSETS_FIRST,
                                     .fillers = 3000,
                                     .padding = 300,
                                     .cpus = 2,
                                     .bulk = 40,
                                     .buckets = 64,
                                     .private_buckets = 1024,
                                     .listen_buckets = 16,
                                     .note = true};
}

static struct guest_shape shape_of(const struct scenario_options *o)
{
    uint64_t direct = o->levels == 5 ? 0xff11000000000000ULL : 0xffff888000000000ULL;
    return (struct guest_shape){.ram_size = o->ram_size,
                                .levels = o->levels,
                                .page_offset = o->page_offset != 0 ? o->page_offset : direct,
                                .direct_leaf = o->direct_leaf,
                                .image_va = GUEST_KERNEL_MAP + 0x1000000 + o->kaslr,
                                .image_pa = o->image_pa,
                                .vmalloc_va =
                                    o->levels == 5 ? 0xffa0000000000000ULL : 0xffffc90000000000ULL,
                                .pages_from = o->pages_from,
                                .pages_to = o->pages_to};
}

void scenario_create(struct scenario *scenario, const struct scenario_options *options,
                     const struct scenario *host)
{
    struct guest_shape shape = shape_of(options);
    struct guest_kernel_style style = {.release = options->variant == 0 ? "6.1.0-synthetic-amd64"
                                                                        : "6.12.7+odd-synthetic",
                                       .cpus = options->cpus,
                                       .keys = {.v4 = 0x8badf00d,
                                                .v6 = 0x600dcafe,
                                                .v6_address = 0x0ddba115,
                                                .folded_v6 = options->folded_v6},
                                       .above_4g = options->above_4g};
    struct guest_symbol_style symbols = {.scheme = options->scheme,
                                         .order = options->order,
                                         .fillers = options->fillers,
                                         .padding = options->padding,
                                         .note = options->note};
    memset(scenario, 0, sizeof *scenario);
    scenario->options = *options;
    guest_create(&scenario->image, &shape, host == NULL ? NULL : host->image.ram);
    kernel_begin(&scenario->kernel, &scenario->image, guest_types(options->variant), &style);
    process_write_init(&scenario->kernel);
    population_networks(scenario);
    if (!options->no_sockets)
        population_sockets(scenario);
    kernel_finish(&scenario->kernel, &symbols);
}

void scenario_destroy(struct scenario *scenario)
{
    kernel_free(&scenario->kernel);
    guest_destroy(&scenario->image);
    free(scenario->truth);
    memset(scenario, 0, sizeof *scenario);
}

const struct socket_record *scenario_truth(const struct scenario *scenario, struct gva sock)
{
    for (size_t i = 0; i < scenario->truth_count; i++)
        if (scenario->truth[i].sock.v == sock.v)
            return &scenario->truth[i];
    return NULL;
}

const struct socket_record *scenario_add(struct scenario *scenario, unsigned net, uint64_t listener,
                                         struct socket_record record)
{
    tcp_write_socket(&scenario->kernel, &scenario->nets[net], listener, &record);
    scenario->truth =
        realloc(scenario->truth, (scenario->truth_count + 1) * sizeof scenario->truth[0]);
    if (scenario->truth == NULL)
        abort();
    scenario->truth[scenario->truth_count] = record;
    return &scenario->truth[scenario->truth_count++];
}

static struct gva symbol_of(const struct guest_kernel *kernel, const char *name)
{
    for (size_t i = 0; i < kernel->symbol_count; i++)
        if (strcmp(kernel->symbols[i].name, name) == 0)
            return gva(kernel->symbols[i].address);
    return gva(0);
}

static struct kernel_symbols symbols_of(const struct guest_kernel *k)
{
    return (struct kernel_symbols){.text = symbol_of(k, "_text"),
                                   .stext = symbol_of(k, "_stext"),
                                   .end = symbol_of(k, "_end"),
                                   .init_top_pgt = symbol_of(k, "init_top_pgt"),
                                   .vmcoreinfo_note = symbol_of(k, "vmcoreinfo_note"),
                                   .init_uts_ns = symbol_of(k, "init_uts_ns"),
                                   .page_offset_base = symbol_of(k, "page_offset_base"),
                                   .iomem_resource = symbol_of(k, "iomem_resource"),
                                   .btf_start = symbol_of(k, "__start_BTF"),
                                   .btf_stop = symbol_of(k, "__stop_BTF"),
                                   .init_net = symbol_of(k, "init_net"),
                                   .net_namespace_list = symbol_of(k, "net_namespace_list"),
                                   .tcp_hashinfo = symbol_of(k, "tcp_hashinfo"),
                                   .ehashfn = symbol_of(k, "inet_ehashfn"),
                                   .ehashfn6 = symbol_of(k, "inet6_ehashfn"),
                                   .init_task = symbol_of(k, "init_task"),
                                   .per_cpu_offset = symbol_of(k, "__per_cpu_offset"),
                                   .cpu_possible_mask = symbol_of(k, "__cpu_possible_mask"),
                                   .linux_banner = symbol_of(k, "linux_banner"),
                                   .jiffies = symbol_of(k, "jiffies_64"),
                                   .raw_proto = symbol_of(k, "raw_prot"),
                                   .raw6_proto = symbol_of(k, "rawv6_prot"),
                                   .entry_syscall = symbol_of(k, "entry_SYSCALL_64")};
}

struct kernel_layout scenario_layout(const struct scenario *scenario, const struct guestmem *memory)
{
    const struct guest_kernel *kernel = &scenario->kernel;
    struct kernel_layout layout = {
        .space = {.memory = memory,
                  .root = gpa(scenario->image.root),
                  .levels = scenario->image.shape.levels,
                  .windows = {{.base = gva(scenario->image.shape.image_va),
                               .size = GUEST_IMAGE_BYTES,
                               .first = gpa(scenario->image.shape.image_pa)}}},
        .note = gpa(kernel->note),
        .image = gpa(scenario->image.shape.image_pa),
        .symbols = symbols_of(kernel),
        .members = kernel->types->at};
    memcpy(layout.release, kernel->release, strlen(kernel->release) + 1);
    memcpy(layout.counters, kernel->types->counters, sizeof layout.counters);
    return layout;
}
