/*
 * Writes the static parts of a synthetic kernel into a guest image: text, banner, version,
 * per-CPU areas, resource tree, and at last symbols, BTF and the VMCOREINFO note.
 *
 * Call kernel_begin, then the writers of networks and processes, then kernel_finish.
 */
#ifndef IMAGE_KERNEL_WRITER_H
#define IMAGE_KERNEL_WRITER_H

#include "guest_image.h"
#include "kallsyms_writer.h"
#include "kernel_types.h"
#include "net_hash.h"
#include "vmcoreinfo_writer.h"

/*
 * What jiffies_64 says: five minutes before it outgrows 32 bits, as in a kernel that has just
 * started (linux/jiffies.h, INITIAL_JIFFIES, with HZ of 250).
 */
#define GUEST_TICKS (0x100000000ULL - 300ULL * 250)

enum {
    GUEST_CPUS_MAX = 8,
    GUEST_CPU_AREA = 16384,
    GUEST_PERCPU_BASE = 0x20000,
    GUEST_SYSCALL_ENTRY = 0x80 /* from _text */
};

struct guest_kernel {
    struct guest_image *image;
    const struct guest_types *types;
    const char *release;
    struct kallsyms_entry *symbols; /* names are owned */
    size_t symbol_count;
    size_t symbol_room;
    struct net_hash_keys keys;
    unsigned cpus;
    uint64_t percpu_next;

    /* Addresses; those that a symbol names carry its name. */
    uint64_t text, init_net, net_namespace_list, tcp_hashinfo, init_task, init_uts_ns;
    uint64_t vmcoreinfo_note, iomem_resource, page_offset_base, per_cpu_offset, possible_mask;
    uint64_t jiffies;
    uint64_t secret_v4, secret_v6, secret_v6_address;
    uint64_t btf, kallsyms; /* sections, set by kernel_finish */
    size_t btf_size;
    struct kallsyms_image tables; /* as written at `kallsyms`; the bytes are not kept */
    uint64_t note;                /* physical address of the page, 0: none */
};

struct guest_kernel_style {
    const char *release;
    unsigned cpus;
    struct net_hash_keys keys;
    uint64_t above_4g; /* end of RAM above 4 GiB that the resource tree tells, 0: none */
};

struct guest_symbol_style {
    enum kallsyms_scheme scheme;
    enum kallsyms_order order;
    unsigned fillers; /* symbols without meaning, a few of them with long names */
    unsigned padding; /* BTF types without meaning */
    bool note;
};

void kernel_begin(struct guest_kernel *kernel, struct guest_image *image,
                  const struct guest_types *types, const struct guest_kernel_style *style);
void kernel_finish(struct guest_kernel *kernel, const struct guest_symbol_style *style);

/* Frees what the writer holds; the guest image keeps what was written. */
void kernel_free(struct guest_kernel *kernel);

/* Allocates static storage and names it. */
uint64_t kernel_variable(struct guest_kernel *kernel, const char *name, uint64_t size);
void kernel_symbol(struct guest_kernel *kernel, const char *name, char type, uint64_t address);

/* A NUL-terminated string in the kernel's heap. */
uint64_t kernel_text(struct guest_kernel *kernel, const char *text);

/* Allocates `size` bytes of per-CPU memory; the per-CPU pointer. */
uint64_t kernel_percpu(struct guest_kernel *kernel, uint64_t size);
/* Virtual address of a CPU's instance. */
uint64_t kernel_percpu_at(const struct guest_kernel *kernel, uint64_t pointer, unsigned cpu);

#endif
