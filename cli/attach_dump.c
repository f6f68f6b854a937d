/* Dumps that carry their own memory map: ELF cores and LiME. */
#include <stdlib.h>

#include "attach.h"
#include "errors.h"
#include "policy.h"

typedef enum status image_parser(const unsigned char *bytes, uint64_t size, struct image *image,
                                 struct evidence *evidence);

static enum status search(struct attachment *attachment, const struct attach_request *request)
{
    uint64_t size = request->mapping->size;
    struct kernel_hits notes = {.count = 0};
    struct kernel_hits tokens = {.count = 0};
    struct budget note_budget = budget_of(policy_note_units(size));
    struct budget token_budget = budget_of(policy_token_units(size));

    enum status status = kernel_scan_notes(&attachment->memory, &note_budget, &notes);
    if (status == STATUS_OK)
        status = attachment_discover(attachment, request, &notes, NULL);
    if (status == STATUS_OK || status == STATUS_AMBIGUOUS)
        return status;
    status = kernel_scan_tokens(&attachment->memory, &token_budget, &tokens);
    if (status != STATUS_OK)
        return status;
    return attachment_discover(attachment, request, &notes, &tokens);
}

static enum outcome conclude(struct attachment *found, const struct attach_request *request,
                             struct attachment **attachment)
{
    enum outcome outcome = OUTCOME_DONE;
    enum status status;

    attachment_serve(found);
    progress_begin(request->progress, "searching", request->mapping->size);
    status = search(found, request);
    progress_end(request->progress);
    if (attach_stopped(request, &outcome))
        return outcome;
    if (status == STATUS_AMBIGUOUS)
        return attach_ambiguous(request, &found->report);
    if (status != STATUS_OK)
        return attach_not_found(request, &found->report, 0);
    *attachment = found;
    return OUTCOME_DONE;
}

static enum outcome attach_parsed(const struct attach_request *request, image_parser *parse,
                                  const char *kind, struct attachment **attachment)
{
    const struct mapping *mapping = request->mapping;
    struct attachment *found = attachment_new(request->progress);
    struct evidence evidence = {.what = "malformed"};
    enum outcome outcome;

    if (found == NULL)
        return attach_no_memory(request);
    if (parse(mapping->bytes, mapping->size, &found->image, &evidence) == STATUS_OK)
        outcome = conclude(found, request, attachment);
    else if (!attach_stopped(request, &outcome))
        outcome = complain(OUTCOME_INPUT, mapping->path,
                           "unusable %s: %s, byte %llu: take the dump again, or give --below-4g "
                           "if it is raw RAM",
                           kind, evidence.what, (unsigned long long)evidence.at);
    if (outcome != OUTCOME_DONE)
        free(found);
    return outcome;
}

enum outcome attach_elf(const struct attach_request *request, struct attachment **attachment)
{
    return attach_parsed(request, image_from_elf, "ELF core", attachment);
}

enum outcome attach_lime(const struct attach_request *request, struct attachment **attachment)
{
    return attach_parsed(request, image_from_lime, "LiME dump", attachment);
}
