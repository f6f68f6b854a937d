/*
 * Client of QEMU's firmware configuration device, by its DMA interface (docs/specs/fw_cfg.rst).
 *
 * Everything read is the host's choice. Bytes are copied once out of the shared buffer, into memory
 * of the caller; lengths are the caller's. One item is read at a time: opening another ends it.
 */
#ifndef SVSM_LOADER_FW_CFG_H
#define SVSM_LOADER_FW_CFG_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct fw_cfg_reader {
    uint16_t key;
    uint64_t at; /* bytes read so far */
};

/* STATUS_NOT_FOUND when the host has no such device. */
MUST_CHECK enum status fw_cfg_probe(struct evidence *evidence);

/* A reader at the start of the item `key`; asks the host nothing. */
struct fw_cfg_reader fw_cfg_open(uint16_t key);

/*
 * The next `length` bytes of the item; the device gives zeros behind its end. STATUS_MALFORMED when
 * the host refuses, STATUS_BUDGET when it does not answer; `to` is undefined then.
 */
MUST_CHECK enum status fw_cfg_read(struct fw_cfg_reader *reader, void *to, size_t length,
                                   struct evidence *evidence);

/* A size item: four bytes, little-endian. */
MUST_CHECK enum status fw_cfg_number(uint16_t key, uint32_t *value, struct evidence *evidence);

/*
 * Key and size in bytes of the named file; STATUS_NOT_FOUND when the directory, of which at most
 * FW_CFG_FILES_MAX entries are looked at, does not list it.
 */
enum {
    FW_CFG_FILES_MAX = 512
};
MUST_CHECK enum status fw_cfg_find(const char *name, uint16_t *key, uint32_t *size,
                                   struct evidence *evidence);

#endif
