#include "host/td_image.h"

#include "base/bytes.h"
#include "base/checked.h"
#include "boot/print.h"
#include "host/fw_cfg.h"
#include "host/td_hob.h"
#include "host/tdvf.h"
#include "module/pages.h"

static bool in_window(const struct tdvf_section *section)
{
    const uint64_t start = MACHINE_4G - TD_IMAGE_MAX;
    return section->gpa >= start &&
           range_within(section->gpa - start, section->memory_size, TD_IMAGE_MAX);
}

static void check_place(const struct tdvf_section *section, unsigned index)
{
    bool image = section->type == TDVF_SECTION_BFV || section->type == TDVF_SECTION_CFV;

    if (image && !in_window(section))
        refuse_machine("td-image: section %u lies outside the %u MiB below 4 GiB", index,
                       TD_IMAGE_MAX >> 20);
    if (!image && !pages_is_ram(section->gpa, section->memory_size))
        refuse_machine("td-image: section %u lies outside the TD's RAM", index);
}

static void add(const struct tdvf_section *section, uint16_t key)
{
    unsigned char *to;

    if (!pages_add(section->gpa, section->memory_size))
        refuse_machine("td-image: no pages for 0x%lx bytes at 0x%lx", section->memory_size,
                       section->gpa);
    to = pages_private(section->gpa, section->memory_size);
    if (section->data_size != 0)
        fw_cfg_read(key, section->data_offset, to, section->data_size);
    bytes_zero(to + section->data_size, section->memory_size - section->data_size);
}

uint64_t td_image_load(const struct machine *machine)
{
    struct fw_cfg_item image;
    struct tdvf tdvf;
    uint64_t hob = 0;

    if (!fw_cfg_find(FW_CFG_FILE_TD_IMAGE, &image))
        refuse_machine("fw_cfg has no %s: which image shall the TD run?", FW_CFG_FILE_TD_IMAGE);
    if (image.size > TD_IMAGE_MAX)
        refuse_machine("td-image has %u bytes, at most %u fit below 4 GiB", image.size,
                       TD_IMAGE_MAX);
    tdvf_read(&image, &tdvf);
    for (unsigned i = 0; i < tdvf.count; i++)
        check_place(&tdvf.sections[i], i);
    for (unsigned i = 0; i < tdvf.count; i++) {
        if ((tdvf.sections[i].attributes & TDVF_ATTRIBUTE_PAGE_AUG) == 0)
            add(&tdvf.sections[i], image.key);
        if (tdvf.sections[i].type == TDVF_SECTION_TD_HOB)
            hob = tdvf.sections[i].gpa;
    }
    if (hob != 0)
        td_hob_write(machine, &tdvf, hob);
    return hob;
}
