/*
 * The machine's own fw_cfg device, read by DMA.
 *
 * Source: QEMU docs/specs/fw_cfg.rst. Memory is mapped one to one, so a buffer's address is what
 * the device is given. A machine whose device is missing, lacks DMA or fails is refused
 * (boot/print.h); no function here reports that.
 */
#ifndef HOST_FW_CFG_H
#define HOST_FW_CFG_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/fw_cfg.h"
#include "base/status.h"

#define FW_CFG_FILES_MAX 128U

/* The files are as the device keeps them: their numbers are big-endian. */
struct fw_cfg_directory {
    uint32_t count; /* of files, at most FW_CFG_FILES_MAX */
    struct fw_cfg_file files[FW_CFG_FILES_MAX];
};

struct fw_cfg_item {
    uint16_t key;
    uint32_t size; /* bytes */
};

/* Finds the device and reads its directory; before anything else here. */
void fw_cfg_open(void);

/* The directory that fw_cfg_open() read; it stays valid. */
const struct fw_cfg_directory *fw_cfg_files(void);

/* The file of that name; false when there is none. */
MUST_CHECK bool fw_cfg_find(const char *name, struct fw_cfg_item *item);

/* Copies `length` bytes from `offset` of an item; behind the item's end they are zero. */
void fw_cfg_read(uint16_t key, uint32_t offset, void *to, uint32_t length);

/*
 * One DMA operation of the device on what is selected, with `control` as the descriptor has it.
 * Returns the control word that the device wrote: 0, or FW_CFG_DMA_ERROR.
 */
uint32_t fw_cfg_dma(uint32_t control, void *buffer, uint32_t length);

#endif
