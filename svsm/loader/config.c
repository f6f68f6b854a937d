#include "loader/config.h"

#include <bearssl/bearssl_hash.h>

#include "abi/config.h"
#include "abi/fw_cfg.h"
#include "abi/tdx_fields.h"
#include "arch/fatal.h"
#include "arch/print.h"
#include "base/bytes.h"
#include "loader/fw_cfg.h"
#include "tdx/tdx.h"

struct digest {
    unsigned char bytes[br_sha384_SIZE];
};

static struct digest mrconfigid(void)
{
    struct digest digest = {.bytes = {0}};
    for (unsigned i = 0; i < sizeof digest / sizeof(uint64_t); i++) {
        uint64_t word;
        uint64_t status = tdx_vm_rd(TDCS_MRCONFIGID + i, &word);
        if (status != 0)
            fatal("MRCONFIGID cannot be read (0x%lx)", (unsigned long)status);
        bytes_copy(digest.bytes + i * sizeof word, &word, sizeof word);
    }
    return digest;
}

static struct digest sha384(const void *bytes, size_t length)
{
    br_sha384_context context;
    struct digest digest;
    br_sha384_init(&context);
    br_sha384_update(&context, bytes, length);
    br_sha384_out(&context, digest.bytes);
    return digest;
}

static bool same(const struct digest *a, const struct digest *b)
{
    return bytes_equal(a->bytes, b->bytes, sizeof a->bytes);
}

static void read_blob(struct config_blob *blob)
{
    struct evidence evidence;
    uint16_t key;
    uint32_t size;
    if (fw_cfg_find(FW_CFG_FILE_CONFIG, &key, &size, &evidence) != STATUS_OK)
        fatal("MRCONFIGID is set, but no configuration: %s", evidence.what);
    if (size != sizeof *blob)
        fatal("the configuration has %u bytes, not %u", size, (unsigned)sizeof *blob);
    struct fw_cfg_reader reader = fw_cfg_open(key);
    if (fw_cfg_read(&reader, blob, sizeof *blob, &evidence) != STATUS_OK)
        fatal("the configuration cannot be read: %s", evidence.what);
}

/* What is wrong with an authentic blob; NULL: nothing. */
static const char *fault_of(const struct config_blob *blob)
{
    static const unsigned char zero[sizeof blob->reserved];
    if (blob->magic != CONFIG_MAGIC)
        return "its magic is wrong";
    if (blob->version != CONFIG_VERSION)
        return "its version is unknown";
    if (blob->size != sizeof *blob)
        return "its size is wrong";
    if (blob->mode != CONFIG_MODE_OFF && blob->mode != CONFIG_MODE_SCAN)
        return "its mode is unknown";
    if (blob->period_us < CONFIG_PERIOD_US_MIN || blob->period_us > CONFIG_PERIOD_US_MAX)
        return "its period is out of range";
    if (!bytes_equal(blob->reserved, zero, sizeof zero))
        return "its reserved bytes are not zero";
    return NULL;
}

static void owned_config(const struct digest *expected, struct loader_config *config)
{
    struct config_blob blob;
    read_blob(&blob);
    struct digest actual = sha384(&blob, sizeof blob);
    if (!same(&actual, expected))
        fatal("the configuration is not the one of MRCONFIGID");
    const char *fault = fault_of(&blob);
    if (fault != NULL)
        fatal("the configuration is unusable: %s", fault);
    *config = (struct loader_config){blob.mode, blob.period_us, true};
}

static void default_config(struct loader_config *config)
{
    struct evidence evidence;
    uint16_t key;
    uint32_t size;
    if (fw_cfg_find(FW_CFG_FILE_CONFIG, &key, &size, &evidence) == STATUS_OK)
        print("svsm: configuration ignored: MRCONFIGID is zero\n");
    *config = (struct loader_config){CONFIG_MODE_SCAN, CONFIG_PERIOD_US_DEFAULT, false};
}

void loader_config(struct loader_config *config)
{
    static const struct digest none;
    struct digest expected = mrconfigid();
    if (same(&expected, &none))
        default_config(config);
    else
        owned_config(&expected, config);
}
