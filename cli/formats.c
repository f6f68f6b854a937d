#include "formats.h"

#include <stddef.h>
#include <string.h>

#define MAGIC(text) (text), sizeof(text) - 1

static const char decompress[] = "is compressed: decompress it first";
static const char kdump[] = "is a compressed kdump: take it again with QEMU's "
                            "'dump-guest-memory FILE', without -z, -l, -s or -R";
static const char stream[] = "is a saved machine state, not plain memory: take a dump with "
                             "'virsh dump --memory-only' or QEMU's 'dump-guest-memory FILE'";

static const struct format_refused formats[] = {
    {MAGIC("KDUMP   "), kdump},       /* compressed by makedumpfile or QEMU */
    {MAGIC("DISKDUMP"), kdump},       /* its ancestor */
    {MAGIC("makedumpfile\0"), kdump}, /* the same, flattened for a pipe: QEMU's default */
    {MAGIC("LibvirtQemudSave"), stream},
    {MAGIC("LibvirtQemudPart"), stream},
    {MAGIC("QEVM"), stream}, /* QEMU migration stream */
    {MAGIC("QFI\xfb"), "is a qcow2 disk image, not memory: name the RAM file or a dump"},
    {MAGIC("AVML"), "is a compressed AVML dump: write it as LiME with 'avml-convert'"},
    {MAGIC("PAGEDU64"), "is a Windows crash dump: only Linux guests can be read"},
    {MAGIC("\x1f\x8b\x08"), decompress},             /* gzip */
    {MAGIC("\x28\xb5\x2f\xfd"), decompress},         /* zstd */
    {MAGIC("\xfd\x37\x7a\x58\x5a\x00"), decompress}, /* xz */
    {MAGIC("BZh"), decompress},                      /* bzip2 */
    {MAGIC("\x04\x22\x4d\x18"), decompress},         /* lz4 */
};

const struct format_refused *format_refused(const unsigned char *bytes, uint64_t size)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (size >= formats[i].length && memcmp(bytes, formats[i].magic, formats[i].length) == 0)
            return &formats[i];
    return NULL;
}
