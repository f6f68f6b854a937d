/* The fw_cfg device of the fake host: QEMU docs/specs/fw_cfg.rst, DMA interface. */
#include <string.h>

#include "abi/fw_cfg.h"
#include "base/bytes.h"
#include "fake/host.h"
#include "mem/memory.h"

static uint64_t descriptor_at;
static uint16_t selected;
static uint64_t position;

void fake_item(uint16_t key, const void *bytes, uint32_t size)
{
    fake_host.items[fake_host.item_count++] =
        (struct fake_item){.key = key, .bytes = bytes, .size = size, .told = size};
}

void fake_file(const char *name, const void *bytes, uint32_t size)
{
    fake_item((uint16_t)(0x20 + fake_host.item_count), bytes, size);
    fake_host.items[fake_host.item_count - 1].file = name;
}

static uint32_t files(void)
{
    uint32_t count = 0;
    for (size_t i = 0; i < fake_host.item_count; i++)
        count += fake_host.items[i].file != NULL;
    return count;
}

static unsigned char directory_byte(uint64_t at)
{
    uint32_t count = fake_host.directory_lie != 0 ? fake_host.directory_lie : files();
    uint32_t big = __builtin_bswap32(count);
    if (at < sizeof big)
        return ((unsigned char *)&big)[at];
    uint64_t index = (at - sizeof big) / sizeof(struct fw_cfg_file);
    for (size_t i = 0; i < fake_host.item_count; i++) {
        const struct fake_item *item = &fake_host.items[i];
        if (item->file == NULL || index-- != 0)
            continue;
        struct fw_cfg_file file = {.size = __builtin_bswap32(item->told),
                                   .key = __builtin_bswap16(item->key)};
        memcpy(file.name, item->file, strnlen(item->file, sizeof file.name));
        return ((unsigned char *)&file)[(at - sizeof big) % sizeof file];
    }
    return 0;
}

static unsigned char item_byte(uint64_t at)
{
    if (selected == FW_CFG_SIGNATURE)
        return at < 4 && fake_host.item_count != 0 ? (unsigned char)"QEMU"[at] : 0;
    if (selected == FW_CFG_FILE_DIR)
        return directory_byte(at);
    for (size_t i = 0; i < fake_host.item_count; i++)
        if (fake_host.items[i].key == selected)
            return at < fake_host.items[i].size
                       ? ((const unsigned char *)fake_host.items[i].bytes)[at]
                       : 0;
    return 0;
}

/* Where the host finds a guest-physical address that is shared; NULL elsewhere. */
static unsigned char *shared_at(uint64_t at, uint64_t length)
{
    const struct memory_shared *shared = memory_shared();
    uint64_t offset = at - shared->at.v;
    if (at < shared->at.v || offset > shared->size || length > shared->size - offset)
        return NULL;
    return shared->bytes + offset;
}

static void transfer(struct fw_cfg_dma *dma)
{
    uint32_t control = __builtin_bswap32(dma->control);
    uint32_t length = __builtin_bswap32(dma->length);
    unsigned char *to = shared_at(__builtin_bswap64(dma->address), length);
    fake_host.dma_transfers++;
    if (to == NULL || fake_host.dma_error) {
        dma->control = __builtin_bswap32(FW_CFG_DMA_ERROR);
        return;
    }
    if (control & FW_CFG_DMA_SELECT) {
        selected = (uint16_t)(control >> 16);
        position = 0;
    }
    if (control & FW_CFG_DMA_READ)
        for (uint32_t i = 0; i < length; i++)
            to[i] = item_byte(position++);
    dma->control = 0;
}

bool fake_fw_cfg_dma(unsigned half, uint32_t value)
{
    value = __builtin_bswap32(value);
    if (half == 0) {
        descriptor_at = (uint64_t)value << 32;
        return true;
    }
    void *dma = shared_at(descriptor_at | value, sizeof(struct fw_cfg_dma));
    if (dma != NULL && !fake_host.dma_silent)
        transfer(dma);
    return true;
}
