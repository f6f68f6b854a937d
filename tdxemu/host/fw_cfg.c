#include "host/fw_cfg.h"

#include <stdatomic.h>

#include "base/bytes.h"
#include "boot/cpu.h"
#include "boot/print.h"

static struct fw_cfg_directory directory;

uint32_t fw_cfg_dma(uint32_t control, void *buffer, uint32_t length)
{
    volatile struct fw_cfg_dma descriptor = {
        .control = __builtin_bswap32(control),
        .length = __builtin_bswap32(length),
        .address = __builtin_bswap64((uintptr_t)buffer),
    };
    uint64_t at = (uintptr_t)&descriptor;

    io_out(FW_CFG_PORT_DMA, 4, __builtin_bswap32((uint32_t)(at >> 32)));
    /* The device writes to the buffer, of which the compiler knows nothing. */
    atomic_signal_fence(memory_order_seq_cst);
    io_out(FW_CFG_PORT_DMA + 4, 4, __builtin_bswap32((uint32_t)at));
    atomic_signal_fence(memory_order_seq_cst);
    return __builtin_bswap32(descriptor.control);
}

static void must_dma(uint32_t control, void *buffer, uint32_t length)
{
    if (fw_cfg_dma(control, buffer, length) != 0)
        refuse_machine("fw_cfg failed to read key 0x%x", control >> 16);
}

void fw_cfg_read(uint16_t key, uint32_t offset, void *to, uint32_t length)
{
    bytes_zero(to, length); /* so that no byte depends on the device alone */
    must_dma((uint32_t)key << 16 | FW_CFG_DMA_SELECT | FW_CFG_DMA_SKIP, NULL, offset);
    must_dma(FW_CFG_DMA_READ, to, length);
}

/* Bytewise, because whether there is DMA is not known yet. */
static uint32_t read_port(uint16_t key)
{
    uint32_t value = 0;

    io_out(FW_CFG_PORT_SELECT, 2, key);
    for (unsigned shift = 0; shift < 32; shift += 8)
        value |= (io_in(FW_CFG_PORT_DATA, 1) & 0xff) << shift;
    return value;
}

void fw_cfg_open(void)
{
    static const unsigned char signature[4] = {'Q', 'E', 'M', 'U'};
    uint32_t count;

    if (read_port(FW_CFG_SIGNATURE) != load_le32(signature))
        refuse_machine("no fw_cfg device: this is not a QEMU machine");
    if ((read_port(FW_CFG_ID) & FW_CFG_ID_DMA) == 0)
        refuse_machine("the fw_cfg device has no DMA: start QEMU with a newer -machine q35");
    fw_cfg_read(FW_CFG_FILE_DIR, 0, &count, sizeof count);
    count = __builtin_bswap32(count);
    if (count > FW_CFG_FILES_MAX)
        refuse_machine("fw_cfg has %u files, at most %u are handled", count, FW_CFG_FILES_MAX);
    directory.count = count;
    fw_cfg_read(FW_CFG_FILE_DIR, sizeof count, directory.files,
                count * (uint32_t)sizeof *directory.files);
}

const struct fw_cfg_directory *fw_cfg_files(void)
{
    return &directory;
}

bool fw_cfg_find(const char *name, struct fw_cfg_item *item)
{
    for (uint32_t i = 0; i < directory.count; i++) {
        const struct fw_cfg_file *file = &directory.files[i];
        if (text_is(file->name, text_length(file->name, sizeof file->name), name)) {
            item->key = __builtin_bswap16(file->key);
            item->size = __builtin_bswap32(file->size);
            return true;
        }
    }
    return false;
}
