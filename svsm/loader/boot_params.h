/*
 * Offsets in the zero page, struct boot_params, that the setup header of an image shares from
 * BP_SETUP_SECTS to BP_INIT_SIZE.
 *
 * Source: Linux Documentation/arch/x86/boot.rst and zero-page.rst.
 */
#ifndef SVSM_LOADER_BOOT_PARAMS_H
#define SVSM_LOADER_BOOT_PARAMS_H

#define BP_ACPI_RSDP_ADDR     0x070
#define BP_E820_ENTRIES       0x1e8
#define BP_SETUP_SECTS        0x1f1
#define BP_SYSSIZE            0x1f4 /* units of 16 bytes */
#define BP_VID_MODE           0x1fa
#define BP_BOOT_FLAG          0x1fe
#define BP_JUMP_LENGTH        0x201 /* from 0x202: ends the header */
#define BP_HEADER_MAGIC       0x202
#define BP_VERSION            0x206
#define BP_TYPE_OF_LOADER     0x210
#define BP_LOADFLAGS          0x211
#define BP_CODE32_START       0x214
#define BP_RAMDISK_IMAGE      0x218
#define BP_RAMDISK_SIZE       0x21c
#define BP_CMD_LINE_PTR       0x228
#define BP_INITRD_ADDR_MAX    0x22c
#define BP_KERNEL_ALIGNMENT   0x230
#define BP_RELOCATABLE_KERNEL 0x234
#define BP_XLOADFLAGS         0x236
#define BP_CMDLINE_SIZE       0x238
#define BP_SETUP_DATA         0x250
#define BP_PREF_ADDRESS       0x258
#define BP_INIT_SIZE          0x260
#define BP_E820_TABLE         0x2d0
#define BP_E820_MAX           128

#define BP_BOOT_FLAG_VALUE 0xaa55
#define BP_MAGIC_VALUE     0x53726448U /* "HdrS" */
#define BP_VERSION_MIN     0x020c      /* the first with xloadflags */

#define BP_LOADED_HIGH    0x01U
#define BP_CAN_USE_HEAP   0x80U
#define BP_XLF_KERNEL_64  0x01U
#define BP_LOADER_UNKNOWN 0xffU
#define BP_VID_NORMAL     0xffffU

#define BP_E820_RAM      1U
#define BP_E820_RESERVED 2U
#define BP_E820_ACPI     3U

#endif
