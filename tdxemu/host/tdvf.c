#include "host/tdvf.h"

#include "abi/tdx_tdcall.h"
#include "base/bytes.h"
#include "base/checked.h"
#include "boot/print.h"

#define GUID_SIZE 16U
#define PAGE      4096U

struct table_entry { /* the end of each entry; its data lie in front */
    uint16_t length; /* data, this and all */
    unsigned char guid[GUID_SIZE];
};

_Static_assert(sizeof(struct table_entry) == 18, "OvmfPkg/ResetVector");

static const unsigned char guid_footer[GUID_SIZE] = TDVF_GUID_FOOTER;
static const unsigned char guid_offset[GUID_SIZE] = TDVF_GUID_METADATA_OFFSET;
static const unsigned char guid_metadata[GUID_SIZE] = TDVF_GUID_METADATA;

/* The entry that ends at `end`; at least that much of the image lies in front. */
static struct table_entry entry_at(const struct fw_cfg_item *image, uint32_t end)
{
    struct table_entry entry;

    fw_cfg_read(image->key, end - (uint32_t)sizeof entry, &entry, sizeof entry);
    return entry;
}

/* Distance of the descriptor from the end of the image, as the table's entry for it says. */
static uint32_t metadata_offset(const struct fw_cfg_item *image)
{
    const uint32_t least = sizeof(struct table_entry);
    uint32_t end = image->size - TDVF_TABLE_END;
    struct table_entry entry = entry_at(image, end);
    uint32_t offset;

    if (!bytes_equal(entry.guid, guid_footer, GUID_SIZE))
        refuse_machine("td-image has no TDVF metadata: its GUIDed table is not there");
    if (entry.length < least || entry.length > end)
        refuse_machine("td-image: a GUIDed table of %u bytes", entry.length);
    uint32_t start = end - entry.length;
    for (end -= least; end - start >= least; end -= entry.length) {
        entry = entry_at(image, end);
        if (entry.length < least || entry.length > end - start)
            refuse_machine("td-image: an entry of %u bytes in the GUIDed table", entry.length);
        if (!bytes_equal(entry.guid, guid_offset, GUID_SIZE))
            continue;
        if (entry.length != least + sizeof offset)
            refuse_machine("td-image: a metadata entry of %u bytes", entry.length);
        fw_cfg_read(image->key, end - entry.length, &offset, sizeof offset);
        return offset;
    }
    refuse_machine("td-image has no TDVF metadata: its GUIDed table has no entry for it");
}

static void read_sections(const struct fw_cfg_item *image, struct tdvf *tdvf)
{
    uint32_t offset = metadata_offset(image);
    struct tdvf_descriptor head;
    unsigned char guid[GUID_SIZE];

    if (offset < sizeof head || offset > image->size - GUID_SIZE)
        refuse_machine("td-image: TDVF metadata %u bytes before its end", offset);
    uint32_t at = image->size - offset;
    fw_cfg_read(image->key, at - GUID_SIZE, guid, GUID_SIZE);
    fw_cfg_read(image->key, at, &head, sizeof head);
    if (!bytes_equal(guid, guid_metadata, GUID_SIZE) || head.signature != TDVF_SIGNATURE)
        refuse_machine("td-image: TDVF metadata without their GUID and signature");
    if (head.version != TDVF_VERSION)
        refuse_machine("td-image: TDVF metadata of version %u, not %u", head.version, TDVF_VERSION);
    if (head.sections == 0 || head.sections > TDVF_SECTIONS_MAX)
        refuse_machine("td-image: %u TDVF sections, not 1 to %u", head.sections, TDVF_SECTIONS_MAX);
    uint32_t length = head.sections * (uint32_t)sizeof *tdvf->sections;
    if (head.length != sizeof head + length || head.length > offset)
        refuse_machine("td-image: TDVF metadata of %u bytes for %u sections", head.length,
                       head.sections);
    fw_cfg_read(image->key, at + (uint32_t)sizeof head, tdvf->sections, length);
    tdvf->count = head.sections;
}

static bool has_data(const struct tdvf_section *section)
{
    return section->type == TDVF_SECTION_BFV || section->type == TDVF_SECTION_CFV;
}

static bool unknown_type(const struct tdvf_section *section, uint32_t size)
{
    (void)size;
    return section->type > TDVF_SECTION_PERMMEM;
}

/* A page that is added later is a thing of the RAM which stays; its content is not measured. */
static bool bad_attributes(const struct tdvf_section *section, uint32_t size)
{
    uint32_t allowed = section->type == TDVF_SECTION_PERMMEM
                           ? TDVF_ATTRIBUTE_MR_EXTEND | TDVF_ATTRIBUTE_PAGE_AUG
                           : TDVF_ATTRIBUTE_MR_EXTEND;
    (void)size;
    return (section->attributes & ~allowed) != 0 ||
           section->attributes == (TDVF_ATTRIBUTE_MR_EXTEND | TDVF_ATTRIBUTE_PAGE_AUG);
}

static bool unaligned(const struct tdvf_section *section, uint32_t size)
{
    (void)size;
    return section->gpa % PAGE != 0 || section->memory_size % PAGE != 0;
}

static bool no_range(const struct tdvf_section *section, uint32_t size)
{
    uint64_t end;
    (void)size;
    return section->memory_size == 0 || !checked_add(section->gpa, section->memory_size, &end);
}

static bool wrong_data(const struct tdvf_section *section, uint32_t size)
{
    (void)size;
    return has_data(section) != (section->data_size != 0);
}

static bool data_outside(const struct tdvf_section *section, uint32_t size)
{
    return section->data_size != 0 && !range_within(section->data_offset, section->data_size, size);
}

static bool data_too_large(const struct tdvf_section *section, uint32_t size)
{
    (void)size;
    return section->data_size > section->memory_size;
}

/* What is wrong with a section by itself, `size` being the image's. */
static const struct {
    bool (*broken)(const struct tdvf_section *section, uint32_t size);
    const char *what;
} rules[] = {
    {unknown_type, "its type is unknown"},
    {bad_attributes, "its attributes are unknown or contradict its type"},
    {unaligned, "its memory is not whole pages"},
    {no_range, "its memory is empty or wraps"},
    {wrong_data, "BFV and CFV need data, other types must have none"},
    {data_outside, "its data lie outside the image"},
    {data_too_large, "its data are larger than its memory"},
};

static void check_section(const struct tdvf_section *section, unsigned index, uint32_t size)
{
    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (rules[i].broken(section, size))
            refuse_machine("td-image: section %u: %s", index, rules[i].what);
    }
}

static bool overlap(const struct tdvf_section *a, const struct tdvf_section *b)
{
    return a->gpa < b->gpa + b->memory_size && b->gpa < a->gpa + a->memory_size;
}

static void check_pairs(const struct tdvf *tdvf)
{
    for (unsigned i = 0; i < tdvf->count; i++) {
        for (unsigned j = 0; j < i; j++) {
            const struct tdvf_section *a = &tdvf->sections[j];
            const struct tdvf_section *b = &tdvf->sections[i];
            if (overlap(a, b))
                refuse_machine("td-image: sections %u and %u overlap", j, i);
            if (a->type == TDVF_SECTION_TD_HOB && b->type == TDVF_SECTION_TD_HOB)
                refuse_machine("td-image: sections %u and %u are both TD HOBs", j, i);
        }
    }
}

static void check_reset_vector(const struct tdvf *tdvf)
{
    for (unsigned i = 0; i < tdvf->count; i++) {
        const struct tdvf_section *section = &tdvf->sections[i];
        if (section->type == TDVF_SECTION_BFV && section->gpa <= TD_RESET_RIP &&
            TD_RESET_RIP - section->gpa < section->data_size)
            return;
    }
    refuse_machine("td-image: no BFV section holds the reset vector at 0x%x", TD_RESET_RIP);
}

void tdvf_read(const struct fw_cfg_item *image, struct tdvf *tdvf)
{
    if (image->size < TDVF_TABLE_END + sizeof(struct table_entry))
        refuse_machine("td-image of %u bytes is too small for TDVF metadata", image->size);
    read_sections(image, tdvf);
    for (unsigned i = 0; i < tdvf->count; i++)
        check_section(&tdvf->sections[i], i, image->size);
    check_pairs(tdvf);
    check_reset_vector(tdvf);
}
