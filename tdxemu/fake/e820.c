#include "abi/fw_cfg.h"
#include "fake/fake.h"

void fake_e820(uint64_t below_mib, uint64_t above_mib)
{
    static struct fw_cfg_e820 entries[3];

    entries[0] = (struct fw_cfg_e820){0, below_mib << 20, 1};
    entries[1] = (struct fw_cfg_e820){0xfeffc000, 0x4000, 2};
    entries[2] = (struct fw_cfg_e820){1ULL << 32, above_mib << 20, 1};
    fake_file(FW_CFG_FILE_E820, entries, (above_mib != 0 ? 3 : 2) * sizeof *entries);
}
