#include "run_config.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/config.h"
#include "errors.h"
#include "text.h"

static bool digest(const struct config_blob *blob, char hex[RUN_CONFIG_ID_ROOM])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    struct text text = text_in(hex, RUN_CONFIG_ID_ROOM);

    if (EVP_Digest(blob, sizeof *blob, hash, &length, EVP_sha384(), NULL) != 1 ||
        length != (RUN_CONFIG_ID_ROOM - 1) / 2)
        return false;
    for (unsigned i = 0; i < length; i++)
        text_add(&text, "%02x", hash[i]);
    return true;
}

enum outcome run_config_make(const struct run_options *options, struct run_config *config)
{
    const struct config_blob blob = {
        .magic = CONFIG_MAGIC,
        .version = CONFIG_VERSION,
        .size = sizeof blob,
        .mode = options->track ? CONFIG_MODE_SCAN : CONFIG_MODE_OFF,
        .period_us = options->period_us,
    };

    if (!digest(&blob, config->id))
        return complain(OUTCOME_ENVIRONMENT, "configuration",
                        "SHA-384 cannot be computed: check the package libssl3");
    config->file = memfd_create("tdx-tracker-config", MFD_CLOEXEC);
    if (config->file < 0 || write(config->file, &blob, sizeof blob) != (ssize_t)sizeof blob)
        return complain(OUTCOME_ENVIRONMENT, "configuration", "no memory file: %s: check 'ulimit'",
                        strerror(errno));
    return OUTCOME_DONE;
}
