/*
 * fw_cfg as the TD sees it: the machine's device, but for what tells the machine's memory or was
 * meant for tdxemu.
 *
 * Overridden: FW_CFG_RAM_SIZE, the content and size of etc/e820 (the TD's RAM), and the directory,
 * in which td-image, td-memory and mrconfigid are absent; their keys read as empty items. All other
 * keys are the device's own, which keeps their selection and offset. Nothing can be written.
 *
 * Ports as QEMU's combined device has them (docs/specs/fw_cfg.rst; hw/nvram/fw_cfg.c).
 */
#ifndef HOST_FW_CFG_TD_H
#define HOST_FW_CFG_TD_H

#include <stdbool.h>
#include <stdint.h>

#include "host/machine.h"

/* Prepares the overridden items. fw_cfg_open() has run; it must not be used for reading any more.
 */
void fw_cfg_td_start(const struct machine *machine);

/* Handlers of host/io.c. Ports 0x510 and 0x511: key and data. */
void fw_cfg_td_port(uint16_t port, unsigned size, bool write, uint32_t *value);

/*
 * Ports 0x514 to 0x51b: address of a DMA descriptor. Descriptor and buffer must be shared RAM of
 * the TD: a bad buffer sets the descriptor's error bit, a bad descriptor has no effect.
 */
void fw_cfg_td_dma_port(uint16_t port, unsigned size, bool write, uint32_t *value);

#endif
