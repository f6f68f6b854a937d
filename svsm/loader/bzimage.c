#include "loader/bzimage.h"

#include "abi/x86_paging.h"
#include "base/bytes.h"
#include "loader/boot_params.h"

enum {
    SECTOR = 512,
    SETUP_SECTS_OLD = 4, /* what a setup_sects of zero means */
    PARAGRAPH = 16,
    PREF_ADDRESS_MIN = 0x100000
};
#define BELOW_4G 0x100000000ULL

static bool is_bzimage(const unsigned char *setup, size_t size)
{
    return size >= BZIMAGE_SETUP && load_le16(setup + BP_BOOT_FLAG) == BP_BOOT_FLAG_VALUE &&
           load_le32(setup + BP_HEADER_MAGIC) == BP_MAGIC_VALUE;
}

/* Whether the header, which tells its own end, reaches over the fields that are used. */
static bool header_whole(const unsigned char *setup)
{
    return BP_HEADER_MAGIC + (size_t)setup[BP_JUMP_LENGTH] >= BP_INIT_SIZE + sizeof(uint32_t);
}

static uint64_t setup_bytes(const unsigned char *setup)
{
    uint64_t sectors = setup[BP_SETUP_SECTS];
    return (1 + (sectors == 0 ? SETUP_SECTS_OLD : sectors)) * SECTOR;
}

static enum status check_kind(const unsigned char *setup, size_t size, uint64_t kernel_size,
                              struct evidence *evidence)
{
    if (!is_bzimage(setup, size))
        return refuse(evidence, STATUS_MALFORMED, "not a bzImage", 0);
    if (load_le16(setup + BP_VERSION) < BP_VERSION_MIN)
        return refuse(evidence, STATUS_UNSUPPORTED, "its boot protocol is older than 2.12",
                      BP_VERSION);
    if (!header_whole(setup) || (setup[BP_LOADFLAGS] & BP_LOADED_HIGH) == 0)
        return refuse(evidence, STATUS_MALFORMED, "its setup header makes no sense", BP_LOADFLAGS);
    if ((load_le16(setup + BP_XLOADFLAGS) & BP_XLF_KERNEL_64) == 0)
        return refuse(evidence, STATUS_UNSUPPORTED, "it has no 64-bit entry point", BP_XLOADFLAGS);
    uint64_t told = (uint64_t)load_le32(setup + BP_SYSSIZE) * PARAGRAPH;
    if (kernel_size < told || kernel_size <= BZIMAGE_ENTRY_64)
        return refuse(evidence, STATUS_TRUNCATED, "the file is truncated",
                      setup_bytes(setup) + kernel_size);
    return STATUS_OK;
}

static bool good_alignment(uint64_t alignment)
{
    return alignment >= X86_PAGE_SIZE && alignment <= BZIMAGE_ALIGNMENT_MAX &&
           (alignment & (alignment - 1)) == 0;
}

static enum status check_placement(const struct bzimage *image, struct evidence *evidence)
{
    if (image->relocatable && !good_alignment(image->alignment))
        return refuse(evidence, STATUS_MALFORMED, "its alignment makes no sense",
                      BP_KERNEL_ALIGNMENT);
    if (image->pref_address % X86_PAGE_SIZE != 0 || image->pref_address < PREF_ADDRESS_MIN ||
        image->pref_address >= BELOW_4G)
        return refuse(evidence, STATUS_MALFORMED, "its preferred address makes no sense",
                      BP_PREF_ADDRESS);
    return STATUS_OK;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

enum status bzimage_parse(const unsigned char *setup, size_t size, uint64_t kernel_size,
                          struct bzimage *image, struct evidence *evidence)
{
    enum status status = check_kind(setup, size, kernel_size, evidence);
    if (status != STATUS_OK)
        return status;
    size_t header_end = BP_HEADER_MAGIC + (size_t)setup[BP_JUMP_LENGTH];
    struct bzimage result = {
        .header_end = header_end < BZIMAGE_HEADER_END ? header_end : BZIMAGE_HEADER_END,
        .relocatable = setup[BP_RELOCATABLE_KERNEL] != 0,
        .alignment = load_le32(setup + BP_KERNEL_ALIGNMENT),
        .pref_address = load_le64(setup + BP_PREF_ADDRESS),
        .room = larger(load_le32(setup + BP_INIT_SIZE), kernel_size),
        .initrd_last = load_le32(setup + BP_INITRD_ADDR_MAX),
        .cmdline_bytes = load_le32(setup + BP_CMDLINE_SIZE),
    };
    status = check_placement(&result, evidence);
    if (status == STATUS_OK)
        *image = result;
    return status;
}
