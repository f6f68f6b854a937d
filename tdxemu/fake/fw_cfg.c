/* QEMU's fw_cfg device: hw/nvram/fw_cfg.c in small. */
#include "fake/devices.h"

#include <string.h>

#include "abi/fw_cfg.h"

#define ITEMS    200
#define KEY_FILE 0x20

struct item {
    uint16_t key;
    const unsigned char *bytes;
    size_t size;
};

static struct item items[ITEMS];
static size_t item_count;

static struct {
    uint32_t count;
    struct fw_cfg_file files[ITEMS];
} directory;

static struct fake_fw_cfg faults;
static uint16_t selected;
static size_t offset;
static uint32_t dma_high;

static const struct item *find(uint16_t key)
{
    static const unsigned char yes[] = {'Q', 'E', 'M', 'U', 3, 0, 0, 0};
    static const unsigned char no[8] = {0, 0, 0, 0, 1, 0, 0, 0};
    static struct item fixed;

    key = (uint16_t)(key & ~FW_CFG_WRITE_CHANNEL);
    if (key == FW_CFG_SIGNATURE)
        fixed = (struct item){key, faults.absent ? no : yes, 4};
    else if (key == FW_CFG_ID)
        fixed = (struct item){key, faults.no_dma ? no + 4 : yes + 4, 4};
    else if (key == FW_CFG_FILE_DIR)
        fixed = (struct item){key, (unsigned char *)&directory, sizeof directory};
    else
        fixed = (struct item){key, NULL, 0};
    for (size_t i = 0; i < item_count; i++) {
        if (items[i].key == key)
            return &items[i];
    }
    return &fixed;
}

void fake_item(uint16_t key, const void *bytes, size_t size)
{
    size_t i = 0;

    while (i < item_count && items[i].key != key)
        i++;
    item_count += i == item_count;
    items[i] = (struct item){key, bytes, size};
}

uint16_t fake_key(const char *name)
{
    for (size_t i = 0; i < __builtin_bswap32(directory.count); i++) {
        if (strcmp(directory.files[i].name, name) == 0)
            return __builtin_bswap16(directory.files[i].key);
    }
    return 0;
}

void fake_file(const char *name, const void *bytes, size_t size)
{
    uint32_t count = __builtin_bswap32(directory.count);
    uint16_t key = fake_key(name);

    if (key == 0) {
        key = (uint16_t)(KEY_FILE + count);
        directory.count = __builtin_bswap32(count + 1);
        directory.files[count].key = __builtin_bswap16(key);
        strncpy(directory.files[count].name, name, FW_CFG_FILE_NAME_SIZE - 1);
    }
    directory.files[key - KEY_FILE].size = __builtin_bswap32((uint32_t)size);
    fake_item(key, bytes, size);
}

void fake_text_file(const char *name, const char *text)
{
    fake_file(name, text, strlen(text));
}

void fake_fw_cfg(struct fake_fw_cfg what)
{
    faults = what;
}

void fw_cfg_reset(void)
{
    static const unsigned char one_cpu[2] = {1, 0};

    memset(&directory, 0, sizeof directory);
    memset(&faults, 0, sizeof faults);
    item_count = 0;
    selected = 0;
    offset = 0;
    fake_item(FW_CFG_NB_CPUS, one_cpu, sizeof one_cpu);
}

static void select(uint16_t key)
{
    selected = key;
    offset = 0;
}

static void transfer(unsigned char *to, uint32_t length)
{
    const struct item *item = find(selected);
    size_t left = item->size - offset;
    size_t count = length < left ? length : left;

    if (to != NULL && item->bytes != NULL && count != 0)
        memcpy(to, item->bytes + offset, count);
    if (to != NULL)
        memset(to + count, 0, length - count);
    offset += count;
}

/* Physical memory is this process's. */
static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address; /* NOLINT(performance-no-int-to-ptr) */
}

static void dma(struct fw_cfg_dma *at)
{
    uint32_t control = __builtin_bswap32(at->control);
    uint32_t length = __builtin_bswap32(at->length);
    unsigned char *to = pointer(__builtin_bswap64(at->address));

    if ((control & FW_CFG_DMA_SELECT) != 0)
        select((uint16_t)(control >> 16));
    if ((control & FW_CFG_DMA_READ) != 0)
        transfer(to, length);
    else if ((control & FW_CFG_DMA_SKIP) != 0)
        transfer(NULL, length);
    bool bad = faults.failing || (control & FW_CFG_DMA_WRITE) != 0;
    at->control = __builtin_bswap32(bad ? FW_CFG_DMA_ERROR : 0);
}

void fw_cfg_out(uint16_t port, unsigned size, uint32_t value)
{
    if (port == FW_CFG_PORT_SELECT && size == 2)
        select((uint16_t)value);
    else if (port == FW_CFG_PORT_DMA && size == 4)
        dma_high = __builtin_bswap32(value);
    else if (port == FW_CFG_PORT_DMA + 4 && size == 4)
        dma(pointer((uint64_t)dma_high << 32 | __builtin_bswap32(value)));
}

uint32_t fw_cfg_in(uint16_t port, unsigned size)
{
    unsigned char byte = 0;

    if (port >= FW_CFG_PORT_DMA)
        return 0x51454d55; /* the signature, in place of an address */
    if (size == 1)
        transfer(&byte, 1);
    return byte;
}
