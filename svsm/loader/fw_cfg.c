#include "loader/fw_cfg.h"

#include <stdbool.h>

#include "abi/fw_cfg.h"
#include "base/bytes.h"
#include "loader/shared_parts.h"
#include "mem/memory.h"
#include "tdx/ghci.h"

enum {
    BOUNCE = 4096, /* offset in the shared part; the descriptor has the page before to itself */
    BOUNCE_SIZE = SHARED_FW_CFG_SIZE - BOUNCE,
    POLLS_MAX = 1 << 24 /* of the control word: QEMU answers before the port write returns */
};

/* The descriptor as both sides see it; big-endian. */
static volatile struct fw_cfg_dma *descriptor(void)
{
    void *at = memory_shared()->bytes + SHARED_FW_CFG;
    return at;
}

/* Copies out of shared memory, each byte read exactly once. `length` is at most BOUNCE_SIZE. */
static void copy_bounce(unsigned char *to, size_t length)
{
    const void *bounce = memory_shared()->bytes + SHARED_FW_CFG + BOUNCE;
    const volatile uint64_t *words = bounce;
    const volatile unsigned char *bytes = bounce;
    size_t done = 0;
    for (; length - done >= sizeof *words; done += sizeof *words) {
        uint64_t word = words[done / sizeof *words];
        bytes_copy(to + done, &word, sizeof word);
    }
    for (; done < length; done++)
        to[done] = bytes[done];
}

static bool start(uint32_t control, uint32_t length)
{
    uint64_t base = memory_shared()->at.v + SHARED_FW_CFG;
    volatile struct fw_cfg_dma *dma = descriptor();
    dma->length = __builtin_bswap32(length);
    dma->address = __builtin_bswap64(base + BOUNCE);
    dma->control = __builtin_bswap32(control);
    return ghci_io_write(FW_CFG_PORT_DMA, 4, __builtin_bswap32((uint32_t)(base >> 32))) &&
           ghci_io_write(FW_CFG_PORT_DMA + 4, 4, __builtin_bswap32((uint32_t)base));
}

/* One transfer into the bounce buffer. */
static enum status transfer(uint32_t control, uint32_t length, struct evidence *evidence)
{
    if (!start(control, length))
        return refuse(evidence, STATUS_MALFORMED, "the host refuses fw_cfg's DMA port", control);
    for (uint32_t poll = 0; poll < POLLS_MAX; poll++) {
        uint32_t answer = __builtin_bswap32(descriptor()->control);
        if (answer == 0)
            return STATUS_OK;
        if (answer & FW_CFG_DMA_ERROR)
            return refuse(evidence, STATUS_MALFORMED, "fw_cfg reports a DMA error", control);
    }
    return refuse(evidence, STATUS_BUDGET, "fw_cfg does not answer", control);
}

struct fw_cfg_reader fw_cfg_open(uint16_t key)
{
    return (struct fw_cfg_reader){.key = key, .at = 0};
}

enum status fw_cfg_read(struct fw_cfg_reader *reader, void *to, size_t length,
                        struct evidence *evidence)
{
    unsigned char *out = to;
    while (length != 0) {
        size_t chunk = length < BOUNCE_SIZE ? length : BOUNCE_SIZE;
        uint32_t control = FW_CFG_DMA_READ;
        if (reader->at == 0)
            control |= FW_CFG_DMA_SELECT | (uint32_t)reader->key << 16;
        enum status status = transfer(control, (uint32_t)chunk, evidence);
        if (status != STATUS_OK)
            return status;
        copy_bounce(out, chunk);
        reader->at += chunk;
        out += chunk;
        length -= chunk;
    }
    return STATUS_OK;
}

enum status fw_cfg_number(uint16_t key, uint32_t *value, struct evidence *evidence)
{
    struct fw_cfg_reader reader = fw_cfg_open(key);
    unsigned char bytes[4];
    enum status status = fw_cfg_read(&reader, bytes, sizeof bytes, evidence);
    if (status == STATUS_OK)
        *value = load_le32(bytes);
    return status;
}

enum status fw_cfg_probe(struct evidence *evidence)
{
    struct fw_cfg_reader reader = fw_cfg_open(FW_CFG_SIGNATURE);
    char signature[4];
    enum status status = fw_cfg_read(&reader, signature, sizeof signature, evidence);
    if (status != STATUS_OK)
        return status;
    if (!text_is(signature, sizeof signature, "QEMU"))
        return refuse(evidence, STATUS_NOT_FOUND, "the host has no fw_cfg device", 0);
    return STATUS_OK;
}

enum status fw_cfg_find(const char *name, uint16_t *key, uint32_t *size, struct evidence *evidence)
{
    struct fw_cfg_reader reader = fw_cfg_open(FW_CFG_FILE_DIR);
    uint32_t count;
    enum status status = fw_cfg_read(&reader, &count, sizeof count, evidence);
    if (status != STATUS_OK)
        return status;
    count = __builtin_bswap32(count);
    for (uint32_t i = 0; i < count && i < FW_CFG_FILES_MAX; i++) {
        struct fw_cfg_file file;
        status = fw_cfg_read(&reader, &file, sizeof file, evidence);
        if (status != STATUS_OK)
            return status;
        if (text_is(file.name, text_length(file.name, sizeof file.name), name)) {
            *key = __builtin_bswap16(file.key);
            *size = __builtin_bswap32(file.size);
            return STATUS_OK;
        }
    }
    return refuse(evidence, STATUS_NOT_FOUND, "no such file in fw_cfg", count);
}
