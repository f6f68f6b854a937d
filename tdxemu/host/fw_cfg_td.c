#include "host/fw_cfg_td.h"

#include <stddef.h>

#include "base/bytes.h"
#include "boot/cpu.h"
#include "host/fw_cfg.h"
#include "host/physical.h"

/* An item of ours. */
struct override {
    const unsigned char *bytes;
    uint32_t size;
    uint16_t key;
};

static struct fw_cfg_directory directory; /* the count is big-endian here */
static uint64_t ram_size;
static struct fw_cfg_e820 e820[2];

static struct override overrides[6];
static unsigned override_count;

static const struct override *selected; /* NULL: the device's own item */
static uint32_t offset;                 /* in `selected`, at most its size */
static uint32_t dma_high;               /* upper half of the next descriptor's address */

static void override(uint16_t key, const void *bytes, uint32_t size)
{
    overrides[override_count++] = (struct override){bytes, size, key};
}

static bool named(const struct fw_cfg_file *file, const char *name)
{
    return text_is(file->name, text_length(file->name, sizeof file->name), name);
}

static bool hidden(const struct fw_cfg_file *file)
{
    return named(file, FW_CFG_FILE_TD_IMAGE) || named(file, FW_CFG_FILE_TD_MEMORY) ||
           named(file, FW_CFG_FILE_MRCONFIGID);
}

static uint32_t set_e820(const struct machine *machine)
{
    e820[0] = (struct fw_cfg_e820){0, machine->low, FW_CFG_E820_RAM};
    e820[1] = (struct fw_cfg_e820){MACHINE_4G, machine->high, FW_CFG_E820_RAM};
    return (machine->high != 0 ? 2 : 1) * (uint32_t)sizeof *e820;
}

/* Takes a file of the machine into the TD's directory; a name occurs once in the machine's. */
static void add_file(const struct fw_cfg_file *file, uint32_t *count, uint32_t e820_size)
{
    uint16_t key = __builtin_bswap16(file->key);

    if (hidden(file)) {
        override(key, NULL, 0);
        return;
    }
    directory.files[*count] = *file;
    if (named(file, FW_CFG_FILE_E820)) {
        directory.files[*count].size = __builtin_bswap32(e820_size);
        override(key, (const unsigned char *)e820, e820_size);
    }
    ++*count;
}

void fw_cfg_td_start(const struct machine *machine)
{
    const struct fw_cfg_directory *files = fw_cfg_files();
    uint32_t e820_size = set_e820(machine);
    uint32_t count = 0;

    override_count = 0;
    for (uint32_t i = 0; i < files->count; i++)
        add_file(&files->files[i], &count, e820_size);
    directory.count = __builtin_bswap32(count);
    override(FW_CFG_FILE_DIR, &directory,
             (uint32_t)offsetof(struct fw_cfg_directory, files) +
                 count * (uint32_t)sizeof *directory.files);
    ram_size = machine->td_memory;
    override(FW_CFG_RAM_SIZE, &ram_size, sizeof ram_size);
    selected = NULL;
    dma_high = 0;
}

static void select(uint16_t key)
{
    uint16_t entry = (uint16_t)(key & ~FW_CFG_WRITE_CHANNEL);

    selected = NULL;
    offset = 0;
    for (unsigned i = 0; i < override_count && selected == NULL; i++) {
        if (overrides[i].key == entry)
            selected = &overrides[i];
    }
    if (selected == NULL)
        io_out(FW_CFG_PORT_SELECT, 2, key);
}

static uint32_t next_byte(void)
{
    if (selected == NULL)
        return io_in(FW_CFG_PORT_DATA, 1);
    return offset < selected->size ? selected->bytes[offset++] : 0;
}

void fw_cfg_td_port(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    if (write && port == FW_CFG_PORT_SELECT && size == 2)
        select((uint16_t)*value);
    else if (!write)
        *value = size == 1 ? next_byte() : 0; /* as the device answers what it does not accept */
}

/* Copies from our own item; behind its end there are zeros. `to` NULL: skips. */
static void copy_item(unsigned char *to, uint32_t length)
{
    uint32_t left = selected->size - offset;
    uint32_t count = length < left ? length : left;

    if (to != NULL && count != 0)
        bytes_copy(to, selected->bytes + offset, count);
    if (to != NULL)
        bytes_zero(to + count, length - count);
    offset += count;
}

/* Performs a descriptor; returns its new control word. */
static uint32_t perform(const struct fw_cfg_dma *dma)
{
    uint32_t control = __builtin_bswap32(dma->control);
    uint32_t length = __builtin_bswap32(dma->length);
    uint32_t kind = control & (FW_CFG_DMA_READ | FW_CFG_DMA_WRITE | FW_CFG_DMA_SKIP);
    void *buffer = NULL;

    if ((control & FW_CFG_DMA_SELECT) != 0)
        select((uint16_t)(control >> 16));
    if ((kind & FW_CFG_DMA_READ) != 0)
        kind = FW_CFG_DMA_READ;
    else if ((kind & FW_CFG_DMA_WRITE) != 0)
        return FW_CFG_DMA_ERROR;
    if (kind == 0 || length == 0)
        return 0;
    if (kind == FW_CFG_DMA_READ) {
        buffer = physical_shared(__builtin_bswap64(dma->address), length);
        if (buffer == NULL)
            return FW_CFG_DMA_ERROR;
    }
    if (selected == NULL)
        return fw_cfg_dma(kind, buffer, length);
    copy_item(buffer, length);
    return 0;
}

static void start_dma(uint64_t gpa)
{
    struct fw_cfg_dma dma;
    unsigned char *shared = physical_shared(gpa, sizeof dma);

    if (shared == NULL)
        return;
    bytes_copy(&dma, shared, sizeof dma);
    uint32_t control = __builtin_bswap32(perform(&dma));
    bytes_copy(shared + offsetof(struct fw_cfg_dma, control), &control, sizeof control);
}

void fw_cfg_td_dma_port(uint16_t port, unsigned size, bool write, uint32_t *value)
{
    if (!write) {
        *value = io_in(port, size);
    } else if (size == 4 && port == FW_CFG_PORT_DMA) {
        dma_high = __builtin_bswap32(*value);
    } else if (size == 4 && port == FW_CFG_PORT_DMA + 4) {
        uint64_t gpa = (uint64_t)dma_high << 32 | __builtin_bswap32(*value);
        dma_high = 0;
        start_dma(gpa);
    }
}
