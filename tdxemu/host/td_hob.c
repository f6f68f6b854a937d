#include "host/td_hob.h"

#include <stddef.h>

#include "base/bytes.h"
#include "module/pages.h"

#define HOB_HANDOFF         1
#define HOB_RESOURCE        3
#define HOB_END             0xffff
#define HOB_HANDOFF_VERSION 9

#define RESOURCE_SYSTEM_MEMORY 0
#define RESOURCE_UNACCEPTED    7
#define RESOURCE_ATTRIBUTES    7 /* present, initialised, tested */

struct hob_header {
    uint16_t type;
    uint16_t length;
    uint32_t reserved;
};

struct hob_handoff {
    struct hob_header header;
    uint32_t version;
    uint32_t boot_mode;
    uint64_t memory_top, memory_bottom, free_top, free_bottom;
    uint64_t end; /* GPA behind the list */
};

struct hob_resource {
    struct hob_header header;
    unsigned char owner[16];
    uint32_t type;
    uint32_t attributes;
    uint64_t start;
    uint64_t length;
};

_Static_assert(sizeof(struct hob_handoff) == 56, "EFI_HOB_HANDOFF_INFO_TABLE");
_Static_assert(sizeof(struct hob_resource) == 48, "EFI_HOB_RESOURCE_DESCRIPTOR");

/* Each section splits at most one range of RAM: it and what lies behind are two more. */
#define RESOURCES_MAX (2 + 2 * TDVF_SECTIONS_MAX)
_Static_assert(sizeof(struct hob_handoff) + RESOURCES_MAX * sizeof(struct hob_resource) +
                       sizeof(struct hob_header) <=
                   4096,
               "one page holds the list");

struct list {
    unsigned char *at;
};

static void append(struct list *list, const void *hob, size_t length)
{
    bytes_copy(list->at, hob, length);
    list->at += length;
}

static void append_resource(struct list *list, uint32_t type, uint64_t start, uint64_t end)
{
    struct hob_resource hob = {.header = {HOB_RESOURCE, sizeof hob, 0},
                               .type = type,
                               .attributes = RESOURCE_ATTRIBUTES,
                               .start = start,
                               .length = end - start};
    if (end > start)
        append(list, &hob, sizeof hob);
}

/* The lowest section of added pages in [from, end); NULL when there is none. */
static const struct tdvf_section *next_added(const struct tdvf *tdvf, uint64_t from, uint64_t end)
{
    const struct tdvf_section *found = NULL;

    for (unsigned i = 0; i < tdvf->count; i++) {
        const struct tdvf_section *section = &tdvf->sections[i];
        if ((section->attributes & TDVF_ATTRIBUTE_PAGE_AUG) == 0 && section->gpa >= from &&
            section->gpa < end && (found == NULL || section->gpa < found->gpa))
            found = section;
    }
    return found;
}

static void append_ram(struct list *list, const struct tdvf *tdvf, uint64_t start, uint64_t end)
{
    const struct tdvf_section *section;

    while ((section = next_added(tdvf, start, end)) != NULL) {
        append_resource(list, RESOURCE_UNACCEPTED, start, section->gpa);
        start = section->gpa + section->memory_size;
        append_resource(list, RESOURCE_SYSTEM_MEMORY, section->gpa, start);
    }
    append_resource(list, RESOURCE_UNACCEPTED, start, end);
}

void td_hob_write(const struct machine *machine, const struct tdvf *tdvf, uint64_t gpa)
{
    unsigned char *page = pages_private(gpa, 4096);
    struct hob_handoff handoff = {.header = {HOB_HANDOFF, sizeof handoff, 0},
                                  .version = HOB_HANDOFF_VERSION};
    const struct hob_header last = {HOB_END, sizeof last, 0};
    struct list list = {page + sizeof handoff};

    append_ram(&list, tdvf, 0, machine->low);
    append_ram(&list, tdvf, MACHINE_4G, MACHINE_4G + machine->high);
    append(&list, &last, sizeof last);
    handoff.end = gpa + (uint64_t)(list.at - page);
    bytes_copy(page, &handoff, sizeof handoff);
}
