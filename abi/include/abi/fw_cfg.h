/*
 * QEMU's firmware configuration device, and the files of this project in it.
 *
 * Source: QEMU docs/specs/fw_cfg.rst; keys: include/standard-headers/linux/qemu_fw_cfg.h and
 * hw/i386/fw_cfg.h. Numbers in the file directory and in DMA descriptors are big-endian.
 */
#ifndef ABI_FW_CFG_H
#define ABI_FW_CFG_H

#define FW_CFG_PORT_SELECT 0x510 /* 16 bits */
#define FW_CFG_PORT_DATA   0x511 /* 8 bits */
#define FW_CFG_PORT_DMA    0x514 /* two 32-bit big-endian halves, low one starts */

#define FW_CFG_SIGNATURE    0x00
#define FW_CFG_ID           0x01
#define FW_CFG_RAM_SIZE     0x03
#define FW_CFG_NB_CPUS      0x05
#define FW_CFG_KERNEL_SIZE  0x08
#define FW_CFG_INITRD_SIZE  0x0b
#define FW_CFG_KERNEL_DATA  0x11
#define FW_CFG_INITRD_DATA  0x12
#define FW_CFG_CMDLINE_SIZE 0x14
#define FW_CFG_CMDLINE_DATA 0x15
#define FW_CFG_SETUP_SIZE   0x17
#define FW_CFG_SETUP_DATA   0x18
#define FW_CFG_FILE_DIR     0x19

/* Of a key: once a request to write; it does not take part in choosing the entry. */
#define FW_CFG_WRITE_CHANNEL 0x4000U

#define FW_CFG_ID_DMA 2U /* in the 32-bit little-endian FW_CFG_ID */

#define FW_CFG_DMA_ERROR  1U
#define FW_CFG_DMA_READ   2U
#define FW_CFG_DMA_SKIP   4U
#define FW_CFG_DMA_SELECT 8U /* key in the upper 16 bits of control */
#define FW_CFG_DMA_WRITE  16U

#define FW_CFG_FILE_NAME_SIZE 56
#define FW_CFG_E820_RAM       1 /* type */

#ifndef __ASSEMBLER__
#include <stdint.h>

struct fw_cfg_file { /* after a big-endian count */
    uint32_t size;
    uint16_t key;
    uint16_t reserved;
    char name[FW_CFG_FILE_NAME_SIZE];
};

struct fw_cfg_dma {
    uint32_t control;
    uint32_t length;
    uint64_t address;
};

struct fw_cfg_e820 {
    uint64_t start;
    uint64_t size;
    uint32_t type;
} __attribute__((packed));

_Static_assert(sizeof(struct fw_cfg_file) == 64, "docs/specs/fw_cfg.rst");
_Static_assert(sizeof(struct fw_cfg_dma) == 16, "docs/specs/fw_cfg.rst");
_Static_assert(sizeof(struct fw_cfg_e820) == 20, "hw/i386/e820_memory_layout.h");
#endif

/* What the host VMM (tdxemu) is told. td-memory: MiB in decimal; mrconfigid: 96 hex digits. */
#define FW_CFG_FILE_TD_IMAGE   "opt/org.tdx-tracker/td-image"
#define FW_CFG_FILE_TD_MEMORY  "opt/org.tdx-tracker/td-memory"
#define FW_CFG_FILE_MRCONFIGID "opt/org.tdx-tracker/mrconfigid"

/* What the TD reads: the owner's configuration (abi/config.h). */
#define FW_CFG_FILE_CONFIG "opt/org.tdx-tracker/config"
#define FW_CFG_FILE_E820   "etc/e820"

#endif
