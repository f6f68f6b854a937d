#include "kernel_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system_writer.h"

void kernel_symbol(struct guest_kernel *kernel, const char *name, char type, uint64_t address)
{
    if (kernel->symbol_count == kernel->symbol_room) {
        kernel->symbol_room = 2 * kernel->symbol_room + 256;
        kernel->symbols = realloc(kernel->symbols, kernel->symbol_room * sizeof kernel->symbols[0]);
    }
    char *copy = strdup(name);
    if (kernel->symbols == NULL || copy == NULL)
        abort();
    kernel->symbols[kernel->symbol_count++] =
        (struct kallsyms_entry){.name = copy, .type = type, .address = address};
}

uint64_t kernel_variable(struct guest_kernel *kernel, const char *name, uint64_t size)
{
    uint64_t va = guest_static(kernel->image, size, 64);
    kernel_symbol(kernel, name, 'D', va);
    return va;
}

uint64_t kernel_text(struct guest_kernel *kernel, const char *text)
{
    uint64_t va = guest_heap(kernel->image, strlen(text) + 1, 8);
    guest_put(kernel->image, va, text, strlen(text) + 1);
    return va;
}

uint64_t kernel_percpu(struct guest_kernel *kernel, uint64_t size)
{
    uint64_t pointer = kernel->percpu_next;
    if (pointer + size > GUEST_PERCPU_BASE + GUEST_CPU_AREA)
        abort();
    kernel->percpu_next += (size + 63) / 64 * 64;
    return pointer;
}

uint64_t kernel_percpu_at(const struct guest_kernel *kernel, uint64_t pointer, unsigned cpu)
{
    return pointer + guest_get_u64(kernel->image, kernel->per_cpu_offset + (uint64_t)8 * cpu);
}

static void write_percpu(struct guest_kernel *kernel)
{
    struct guest_image *image = kernel->image;
    kernel->percpu_next = GUEST_PERCPU_BASE;
    kernel->per_cpu_offset = kernel_variable(kernel, "__per_cpu_offset", (uint64_t)8 * 64);
    kernel->possible_mask =
        kernel_variable(kernel, "__cpu_possible_mask", kernel->types->at.cpumask_size);
    for (unsigned cpu = 0; cpu < kernel->cpus; cpu++) {
        uint64_t area = guest_heap(image, GUEST_CPU_AREA, 4096);
        guest_put_u64(image, kernel->per_cpu_offset + (uint64_t)8 * cpu, area - GUEST_PERCPU_BASE);
    }
    guest_put_u64(image, kernel->possible_mask, (1ULL << kernel->cpus) - 1);
}

/* CPUs that cannot exist have the initial offset, as on a real machine: garbage for a reader. */
static void write_impossible_cpus(struct guest_kernel *kernel)
{
    for (unsigned cpu = kernel->cpus; cpu < 64; cpu++)
        guest_put_u64(kernel->image, kernel->per_cpu_offset + (uint64_t)8 * cpu, kernel->text);
}

static void write_release(struct guest_kernel *kernel)
{
    char banner[200];
    (void)snprintf(banner, sizeof banner, "Linux version %s (builder@example) #1 SMP\n",
                   kernel->release);
    uint64_t va = kernel_variable(kernel, "linux_banner", sizeof banner);
    guest_put(kernel->image, va, banner, strlen(banner) + 1);
    kernel->init_uts_ns = kernel_variable(kernel, "init_uts_ns", kernel->types->uts_size);
    uint64_t name = kernel->init_uts_ns + kernel->types->uts_name;
    guest_put(kernel->image, name, "Linux", 6);
    guest_put(kernel->image, kernel->init_uts_ns + kernel->types->at.uts_release, kernel->release,
              strlen(kernel->release) + 1);
}

void kernel_begin(struct guest_kernel *kernel, struct guest_image *image,
                  const struct guest_types *types, const struct guest_kernel_style *style)
{
    *kernel = (struct guest_kernel){.image = image,
                                    .types = types,
                                    .release = style->release,
                                    .cpus = style->cpus,
                                    .keys = style->keys};
    kernel->text = guest_static(image, 4096, 4096);
    kernel_symbol(kernel, "_text", 'T', kernel->text);
    kernel_symbol(kernel, "_stext", 'T', kernel->text);
    kernel_symbol(kernel, "entry_SYSCALL_64", 'T', kernel->text + GUEST_SYSCALL_ENTRY);
    kernel->page_offset_base = kernel_variable(kernel, "page_offset_base", 8);
    guest_put_u64(image, kernel->page_offset_base, image->shape.page_offset);
    kernel->jiffies = kernel_variable(kernel, "jiffies_64", 8);
    guest_put_u64(image, kernel->jiffies, GUEST_TICKS);
    kernel->vmcoreinfo_note = kernel_variable(kernel, "vmcoreinfo_note", 8);
    write_release(kernel);
    write_percpu(kernel);
    write_impossible_cpus(kernel);
    system_write_code(kernel);
    system_write_resources(kernel, style->above_4g);
}

/* Names that need the two-byte form of their length come every 512th. */
static void add_fillers(struct guest_kernel *kernel, unsigned count)
{
    char name[260];
    uint64_t va = guest_static(kernel->image, 64, 64);
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "filler_%u%s", i, i % 3 == 0 ? "_init" : "");
        if (i % 512 == 7)
            memset(name + strlen(name), '9', 200), name[200] = '\0';
        kernel_symbol(kernel, name, i % 2 == 0 ? 't' : 'b', va + i % 64);
    }
}

static int by_address(const void *a, const void *b)
{
    const struct kallsyms_entry *x = a;
    const struct kallsyms_entry *y = b;
    return x->address < y->address ? -1 : x->address > y->address ? 1 : strcmp(x->name, y->name);
}

static void write_btf(struct guest_kernel *kernel, unsigned padding)
{
    struct buffer btf = guest_types_btf(kernel->types, padding);
    kernel->btf = guest_static(kernel->image, btf.size, 16);
    kernel->btf_size = btf.size;
    guest_put(kernel->image, kernel->btf, btf.bytes, btf.size);
    kernel_symbol(kernel, "__start_BTF", 'R', kernel->btf);
    kernel_symbol(kernel, "__stop_BTF", 'R', kernel->btf + btf.size);
    buffer_free(&btf);
}

static void write_kallsyms(struct guest_kernel *kernel, const struct guest_symbol_style *style)
{
    qsort(kernel->symbols, kernel->symbol_count, sizeof kernel->symbols[0], by_address);
    kallsyms_write(kernel->symbols, kernel->symbol_count, kernel->text, style->scheme, style->order,
                   &kernel->tables);
    kernel->kallsyms = guest_static(kernel->image, kernel->tables.bytes.size, 64);
    guest_put(kernel->image, kernel->kallsyms, kernel->tables.bytes.bytes,
              kernel->tables.bytes.size);
    buffer_free(&kernel->tables.bytes);
}

static void write_note(struct guest_kernel *kernel, uint64_t top)
{
    const struct guest_shape *shape = &kernel->image->shape;
    const struct kallsyms_image *tables = &kernel->tables;
    uint64_t base = kernel->kallsyms;
    struct vmcoreinfo_facts facts = {.release = kernel->release,
                                     .build_id = "0123456789abcdef0123456789abcdef01234567",
                                     .phys_base = (int64_t)guest_phys_base(kernel->image),
                                     .kaslr_offset =
                                         shape->image_va - (GUEST_KERNEL_MAP + 0x1000000),
                                     .five_levels = shape->levels == 5,
                                     .stext = kernel->text,
                                     .swapper_pg_dir = top,
                                     .init_uts_ns = kernel->init_uts_ns,
                                     .kallsyms_names = base + tables->names,
                                     .kallsyms_num_syms = base + tables->num_syms,
                                     .kallsyms_token_table = base + tables->token_table,
                                     .kallsyms_token_index = base + tables->token_index,
                                     .kallsyms_offsets = base + tables->offsets,
                                     .kallsyms_relative_base = base + tables->relative_base};
    struct buffer note = {0};
    vmcoreinfo_write(&note, &facts);
    kernel->note = guest_page(kernel->image);
    memcpy(kernel->image->ram + kernel->note, note.bytes, note.size);
    guest_put_u64(kernel->image, kernel->vmcoreinfo_note,
                  guest_direct(kernel->image, kernel->note));
    buffer_free(&note);
}

void kernel_finish(struct guest_kernel *kernel, const struct guest_symbol_style *style)
{
    struct guest_image *image = kernel->image;
    uint64_t end = image->shape.image_va + GUEST_IMAGE_BYTES;
    uint64_t top = image->shape.image_va + (image->root - image->shape.image_pa);
    kernel_symbol(kernel, "init_top_pgt", 'D', top);
    kernel_symbol(kernel, "_end", 'B', end);
    if (style->scheme == KALLSYMS_PERCPU) {
        kernel_symbol(kernel, "fixed_percpu_data", 'A', 0);
        kernel_symbol(kernel, "cpu_tss_rw", 'A', 0x6000);
    }
    add_fillers(kernel, style->fillers);
    guest_begin_rodata(image);
    write_btf(kernel, style->padding);
    write_kallsyms(kernel, style);
    if (style->note)
        write_note(kernel, top);
}

void kernel_free(struct guest_kernel *kernel)
{
    for (size_t i = 0; i < kernel->symbol_count; i++)
        free(kernel->symbols[i].name);
    free(kernel->symbols);
    kernel->symbols = NULL;
    kernel->symbol_count = kernel->symbol_room = 0;
}
