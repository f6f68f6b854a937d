#include "tdvf_writer.h"

#include <string.h>

#define ENTRY 18U /* length and GUID */

static const unsigned char guid_footer[16] = TDVF_GUID_FOOTER;
static const unsigned char guid_offset[16] = TDVF_GUID_METADATA_OFFSET;
static const unsigned char guid_metadata[16] = TDVF_GUID_METADATA;
static const unsigned char guid_other[16] = {1, 2, 3};

void tdvf_image_add(struct tdvf_image *image, uint32_t type, uint64_t gpa, uint64_t size)
{
    image->sections[image->descriptor.sections++] =
        (struct tdvf_section){.type = type, .gpa = gpa, .memory_size = size};
    image->descriptor.length += (uint32_t)sizeof *image->sections;
}

void tdvf_image_make(struct tdvf_image *image)
{
    memset(image, 0, sizeof *image);
    for (uint32_t i = 0; i < TDVF_IMAGE; i++)
        image->bytes[i] = (unsigned char)(i * 2654435761U >> 24);
    image->offset = TDVF_METADATA;
    image->descriptor = (struct tdvf_descriptor){TDVF_SIGNATURE, 16, TDVF_VERSION, 0};
    tdvf_image_add(image, TDVF_SECTION_BFV, (1ULL << 32) - TDVF_IMAGE, TDVF_IMAGE);
    image->sections[0].data_size = TDVF_IMAGE;
    image->sections[0].attributes = TDVF_ATTRIBUTE_MR_EXTEND;
    tdvf_image_add(image, TDVF_SECTION_TEMPMEM, 0x800000, 0x10000);
    tdvf_image_add(image, TDVF_SECTION_TD_HOB, 0x900000, 0x1000);
    tdvf_image_add(image, TDVF_SECTION_PERMMEM, 0xa00000, 0x1000);
    image->sections[3].attributes = TDVF_ATTRIBUTE_PAGE_AUG;
}

/* An entry of `length` bytes that ends at `end`; returns where it begins. */
static uint32_t put_entry(struct tdvf_image *image, uint32_t end, uint16_t length,
                          const unsigned char guid[16])
{
    memcpy(image->bytes + end - ENTRY, &length, sizeof length);
    memcpy(image->bytes + end - 16, guid, 16);
    return end - length;
}

static void put_metadata(struct tdvf_image *image)
{
    uint32_t at = TDVF_IMAGE - image->offset;
    unsigned char metadata[sizeof image->descriptor + sizeof image->sections];

    if (at < 16 || at >= TDVF_IMAGE)
        return;
    size_t room = TDVF_IMAGE - at;
    memcpy(metadata, &image->descriptor, sizeof image->descriptor);
    memcpy(metadata + sizeof image->descriptor, image->sections, sizeof image->sections);
    memcpy(image->bytes + at - 16, guid_metadata, 16);
    memcpy(image->bytes + at, metadata, sizeof metadata < room ? sizeof metadata : room);
}

void tdvf_image_write(struct tdvf_image *image)
{
    const uint16_t entry = ENTRY + 4;

    put_metadata(image);
    put_entry(image, TDVF_FOOTER_END, (uint16_t)(ENTRY + 2 * entry), guid_footer);
    uint32_t end = put_entry(image, TDVF_ENTRY_END, entry, guid_other);
    put_entry(image, end, entry, guid_offset);
    memcpy(image->bytes + end - entry, &image->offset, sizeof image->offset);
}
