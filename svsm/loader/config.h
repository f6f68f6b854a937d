/*
 * What the owner configured: a blob in fw_cfg that counts only when MRCONFIGID, which the owner's
 * verifier sees, is its SHA-384 (abi/config.h).
 */
#ifndef SVSM_LOADER_CONFIG_H
#define SVSM_LOADER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

struct loader_config {
    uint32_t mode;      /* CONFIG_MODE_* */
    uint32_t period_us; /* CONFIG_PERIOD_US_MIN .. _MAX */
    bool owned;         /* from a blob; otherwise these are the defaults */
};

/*
 * An MRCONFIGID of zero gives the defaults, and a blob that is there anyway is ignored with one
 * printed line. With any other, a blob that is missing, differs or makes no sense is fatal.
 *
 * Uses BearSSL: FS base must be hosted_fs_block() and CR4.OSFXSR set (loader/hosted.h).
 */
void loader_config(struct loader_config *config);

#endif
