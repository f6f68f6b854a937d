/*
 * What an owner configures: a blob in fw_cfg (FW_CFG_FILE_CONFIG) whose SHA-384 is MRCONFIGID.
 *
 * A TD whose MRCONFIGID is zero has no configuration and runs on the defaults. Little-endian.
 */
#ifndef ABI_CONFIG_H
#define ABI_CONFIG_H

#define CONFIG_MAGIC   0x31474643544b5254ULL /* "TRKTCFG1" */
#define CONFIG_VERSION 1

#define CONFIG_MODE_OFF  0 /* L2 runs, nothing is tracked: the base line of measurements */
#define CONFIG_MODE_SCAN 1

#define CONFIG_PERIOD_US_DEFAULT 100000U
#define CONFIG_PERIOD_US_MIN     100U
#define CONFIG_PERIOD_US_MAX     3600000000U

#ifndef __ASSEMBLER__
#include <stdint.h>

struct config_blob {
    uint64_t magic;
    uint32_t version;
    uint32_t size; /* of the whole blob */
    uint32_t mode;
    uint32_t period_us;   /* between the starts of two scans */
    uint8_t reserved[40]; /* zero */
};

_Static_assert(sizeof(struct config_blob) == 64, "one 64-byte blob");
#endif

#endif
