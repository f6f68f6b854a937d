/* tdxemu starts: the machine, the TD, its image, its vCPU. */
#include "abi/tdx_fields.h"
#include "abi/x86.h"
#include "boot/interrupts.h"
#include "boot/memory.h"
#include "boot/print.h"
#include "host/io.h"
#include "host/machine.h"
#include "host/td_image.h"
#include "module/l1_reset.h"
#include "module/l2_vmcs.h"
#include "module/pages.h"
#include "module/td.h"

#define TSC_FREQUENCY_UNIT 25000000U
#define MRCONFIGID_WORDS   6U
/* RDCL_NO and the like: without it a guest turns on page-table isolation. */
#define ARCH_CAPABILITIES 0x0c10e171U

void boot_main(void);

static struct td the_td;

/* TDH.MNG.INIT and TDH.VP.INIT. */
static void init_metadata(struct td *td)
{
    struct metadata *metadata = &td->metadata;
    const uint64_t *id = (const uint64_t *)(const void *)td->machine.mrconfigid;
    metadata_init(metadata);
    metadata_set(metadata, TDCS_CONFIG_FLAGS, 0); /* OVMF of 2022 exposes RBP to the host */
    metadata_set(metadata, TDCS_TSC_FREQUENCY,
                 (tsc_hz() + TSC_FREQUENCY_UNIT / 2) / TSC_FREQUENCY_UNIT);
    for (unsigned i = 0; i < MRCONFIGID_WORDS; i++)
        metadata_set(metadata, TDCS_MRCONFIGID + i, id[i]);
    metadata_set(metadata, METADATA_VIRTUAL_MSR(MSR_ARCH_CAPABILITIES), ARCH_CAPABILITIES);
}

void boot_main(void)
{
    struct td *td = &the_td;
    memory_map_all();
    interrupts_init();
    machine_read(&td->machine);
    pages_init(&td->machine);
    svm_init();
    init_metadata(td);
    td->vapic.page = memory_take(VAPIC_BYTES);
    lapic_reset(&td->lapic);
    uint64_t hob = td_image_load(&td->machine);
    host_io_start(&td->machine);
    l1_reset(td, hob);
    l2_vmcs_init(td);
    td_run(td);
}
