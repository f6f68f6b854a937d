#include "system_writer.h"

#include <string.h>

#define FOUR_GIB 0x100000000ULL

static void append(struct buffer *code, const char *bytes, size_t length)
{
    (void)buffer_append(code, bytes, length);
}

/* An instruction whose last four bytes are the distance from its end to `target`. */
static void relative(struct buffer *code, uint64_t function, const char *opcode, size_t length,
                     uint64_t target)
{
    append(code, opcode, length);
    (void)buffer_u32(code, (uint32_t)(target - (function + code->size + 4)));
}

static void put_function(struct guest_kernel *kernel, const char *name, uint64_t at,
                         struct buffer *code)
{
    (void)buffer_u8(code, 0xc3);
    guest_put(kernel->image, at, code->bytes, code->size);
    kernel_symbol(kernel, name, 'T', at);
    buffer_free(code);
}

static void write_ehashfn(struct guest_kernel *kernel)
{
    uint64_t at = guest_static(kernel->image, 192, 16);
    uint64_t decoy = kernel_variable(kernel, "inet_decoy", 8);
    struct buffer code = {0};
    guest_put_u64(kernel->image, decoy, 0x5555aaaa12345678ULL);
    append(&code, "\xf3\x0f\x1e\xfa\x55", 5);
    relative(&code, at, "\x48\x8b\x05", 3, decoy); /* 64 bits wide: not a secret */
    append(&code, "\x89\xd5\x8b\x4c\x24\x08", 6);  /* also a load, but not relative */
    relative(&code, at, "\x8b\x05", 2, kernel->secret_v4);
    append(&code, "\x41\x03\x84\x24\x28\x01\x00\x00", 8);
    relative(&code, at, "\x8b\x1d", 2, decoy);
    append(&code, "\xc1\xc6\x0e\x29\xf0", 5);
    put_function(kernel, "inet_ehashfn", at, &code);
}

static void write_ehashfn6(struct guest_kernel *kernel)
{
    uint64_t at = guest_static(kernel->image, 256, 16);
    struct buffer code = {0};
    append(&code, "\xf3\x0f\x1e\xfa\x41\x57", 6);
    relative(&code, at, "\x44\x8b\x05", 3, kernel->secret_v6_address);
    append(&code, "\x41\x8d\x80\xff\xbe\xad\xde", 7);
    relative(&code, at, "\x80\x3d", 2, kernel->text); /* cmpb: its immediate byte follows */
    append(&code, "\x00\x03\x41\x04", 4);
    relative(&code, at, "\x03\x05", 2, kernel->secret_v6);
    append(&code, "\x31\xc8\xc1\xc9\x07", 5);
    put_function(kernel, "inet6_ehashfn", at, &code);
    kernel_symbol(kernel, "inet6_ehash_next", 't', at + 128);
}

void system_write_code(struct guest_kernel *kernel)
{
    /* The secrets lie in the image without a symbol, as in Linux 6.12. */
    uint64_t secrets = guest_static(kernel->image, 64, 64);
    kernel->secret_v4 = secrets + 4;
    kernel->secret_v6 = secrets + 20;
    kernel->secret_v6_address = secrets + 40;
    guest_put_u32(kernel->image, kernel->secret_v4, kernel->keys.v4);
    guest_put_u32(kernel->image, kernel->secret_v6, kernel->keys.v6);
    guest_put_u32(kernel->image, kernel->secret_v6_address, kernel->keys.v6_address);
    write_ehashfn(kernel);
    write_ehashfn6(kernel);
}

static void put_resource(struct guest_kernel *kernel, uint64_t at, const char *name, uint64_t start,
                         uint64_t end)
{
    const struct kernel_members *m = &kernel->types->at;
    guest_put_u64(kernel->image, at + m->resource_start, start);
    guest_put_u64(kernel->image, at + m->resource_end, end - 1);
    guest_put_u64(kernel->image, at + m->resource_name, kernel_text(kernel, name));
}

/* A resource behind `*link` (a child or sibling pointer), which then names it. */
static uint64_t add_resource(struct guest_kernel *kernel, uint64_t link, const char *name,
                             uint64_t start, uint64_t end)
{
    uint64_t at = guest_heap(kernel->image, kernel->types->resource_size, 8);
    put_resource(kernel, at, name, start, end);
    guest_put_u64(kernel->image, link, at);
    return at;
}

void system_write_resources(struct guest_kernel *kernel, uint64_t above)
{
    const struct kernel_members *m = &kernel->types->at;
    uint64_t ram = kernel->image->shape.ram_size;
    uint64_t image = kernel->image->shape.image_pa;
    uint64_t root = kernel_variable(kernel, "iomem_resource", kernel->types->resource_size);
    kernel->iomem_resource = root;
    put_resource(kernel, root, "PCI mem", 0, 0);
    uint64_t at = add_resource(kernel, root + m->resource_child, "Reserved", 0, 0x1000);
    at = add_resource(kernel, at + m->resource_sibling, "System RAM", 0x1000, 0xa0000);
    at = add_resource(kernel, at + m->resource_sibling, "Reserved", 0xa0000, 0x100000);
    at = add_resource(kernel, at + m->resource_sibling, "System RAM", 0x100000, ram);
    (void)add_resource(kernel, at + m->resource_child, "Kernel code", image, image + 0x100000);
    at = add_resource(kernel, at + m->resource_sibling, "PCI Bus 0000:00", 0xc0000000, 0xf0000000);
    if (above != 0)
        (void)add_resource(kernel, at + m->resource_sibling, "System RAM", FOUR_GIB, above);
}
