#include "host/machine.h"

#include <stddef.h>

#include "abi/fw_cfg.h"
#include "base/bytes.h"
#include "base/cursor.h"
#include "boot/print.h"
#include "host/fw_cfg.h"

#define MIB(n) ((uint64_t)(n) << 20)

#define TD_MEMORY_MIN_MIB 64U
#define TD_MEMORY_MAX_MIB 262144U
#define TD_LOW_MAX        MIB(2016) /* tdxemu is in the 32 MiB behind */

/* What tdxemu needs beside the TD's memory: image pages, nested page tables, page states. */
#define OVERHEAD_MIB(td_mib) (96 + ((td_mib) + 63) / 64)

/* From this much RAM on q35 has 2 GiB of it below 4 GiB, and not all. */
#define Q35_SPLIT_MIB 2816U

#define E820_MAX 64U

struct ram {
    uint64_t below; /* bytes from address 0 on */
    uint64_t above; /* bytes from 4 GiB on */
};

static uint64_t td_memory_mib(void)
{
    struct fw_cfg_item item;
    char text[8];
    uint64_t mib = 0;

    if (!fw_cfg_find(FW_CFG_FILE_TD_MEMORY, &item))
        refuse_machine("fw_cfg has no %s: how many MiB shall the TD have?", FW_CFG_FILE_TD_MEMORY);
    if (item.size <= sizeof text)
        fw_cfg_read(item.key, 0, text, item.size);
    if (item.size > sizeof text || !text_to_u64(text, item.size, 10, TD_MEMORY_MAX_MIB, &mib) ||
        mib < TD_MEMORY_MIN_MIB)
        refuse_machine("%s is not a decimal number of MiB from %u to %u", FW_CFG_FILE_TD_MEMORY,
                       TD_MEMORY_MIN_MIB, TD_MEMORY_MAX_MIB);
    return mib;
}

static void read_mrconfigid(unsigned char mrconfigid[48])
{
    struct fw_cfg_item item;
    char text[96];
    uint64_t byte = 0;
    bool good;

    bytes_zero(mrconfigid, 48);
    if (!fw_cfg_find(FW_CFG_FILE_MRCONFIGID, &item))
        return;
    good = item.size == sizeof text;
    if (good)
        fw_cfg_read(item.key, 0, text, sizeof text);
    for (size_t i = 0; good && i < 48; i++) {
        good = text_to_u64(&text[2 * i], 2, 16, 0xff, &byte);
        mrconfigid[i] = (unsigned char)byte;
    }
    if (!good)
        refuse_machine("%s is not 96 hexadecimal digits", FW_CFG_FILE_MRCONFIGID);
}

static struct ram machine_ram(void)
{
    struct fw_cfg_item item;
    struct fw_cfg_e820 entries[E820_MAX];
    struct ram ram = {0, 0};

    if (!fw_cfg_find(FW_CFG_FILE_E820, &item) || item.size % sizeof *entries != 0 ||
        item.size > sizeof entries)
        refuse_machine("fw_cfg has no usable %s: use QEMU's q35 machine", FW_CFG_FILE_E820);
    fw_cfg_read(item.key, 0, entries, item.size);
    for (size_t i = 0; i < item.size / sizeof *entries; i++) {
        if (entries[i].type != FW_CFG_E820_RAM)
            continue;
        if (entries[i].start == 0)
            ram.below = entries[i].size;
        if (entries[i].start == MACHINE_4G)
            ram.above = entries[i].size;
    }
    return ram;
}

static void lay_out(struct machine *machine, const struct ram *ram)
{
    uint64_t td_mib = machine->td_memory >> 20;
    uint64_t above = machine->high + machine->td_memory + MIB(OVERHEAD_MIB(td_mib));
    uint64_t need_mib = (MACHINE_RAM_BELOW + above) >> 20;
    uint64_t have_mib = (ram->below + ram->above) >> 20;

    if (need_mib < Q35_SPLIT_MIB)
        need_mib = Q35_SPLIT_MIB;
    if (have_mib < need_mib)
        refuse_machine("not enough RAM: a TD of %lu MiB needs -m %luM, the machine has %lu MiB",
                       td_mib, need_mib, have_mib);
    if (ram->below != MACHINE_RAM_BELOW || ram->above < above)
        refuse_machine("the machine's RAM is not 2 GiB and the rest from 4 GiB on: "
                       "use QEMU's q35 machine without max-ram-below-4g");
    machine->hpa_pool = MACHINE_4G + ((machine->high + MIB(2) - 1) & ~(MIB(2) - 1));
    machine->hpa_pool_end = MACHINE_4G + ram->above;
}

static void check_cpus(void)
{
    uint16_t cpus;

    fw_cfg_read(FW_CFG_NB_CPUS, 0, &cpus, sizeof cpus);
    if (cpus != 1)
        refuse_machine("the machine has %u CPUs, a TD here has one: leave out -smp", cpus);
}

void machine_read(struct machine *machine)
{
    fw_cfg_open();
    check_cpus();
    struct ram ram = machine_ram();
    machine->td_memory = MIB(td_memory_mib());
    machine->low = machine->td_memory < TD_LOW_MAX ? machine->td_memory : TD_LOW_MAX;
    machine->high = machine->td_memory - machine->low;
    lay_out(machine, &ram);
    read_mrconfigid(machine->mrconfigid);
}
