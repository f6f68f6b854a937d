#include "attach.h"

#include <inttypes.h>
#include <stdlib.h>

#include "errors.h"
#include "formats.h"
#include "policy.h"
#include "signals.h"
#include "text.h"

struct attachment *attachment_new(struct progress *progress)
{
    struct attachment *attachment = calloc(1, sizeof *attachment);

    if (attachment != NULL)
        attachment->attended.progress = progress;
    return attachment;
}

void attachment_serve(struct attachment *attachment)
{
    attachment->attended.memory = image_memory(&attachment->image);
    attachment->memory = progress_memory_of(&attachment->attended);
}

enum status attachment_discover(struct attachment *attachment, const struct attach_request *request,
                                const struct kernel_hits *notes, const struct kernel_hits *tokens)
{
    static const struct kernel_hits none = {.count = 0};

    if (notes == NULL)
        notes = &none;
    if (tokens == NULL)
        tokens = &none;
    return kernel_discover(&attachment->memory, notes, tokens,
                           policy_attempt_units(notes->count + tokens->count), request->workspace,
                           &attachment->layout, &attachment->report);
}

enum outcome attach_no_memory(const struct attach_request *request)
{
    return complain(OUTCOME_ENVIRONMENT, request->mapping->path,
                    "not enough memory to look for a kernel: check 'ulimit -v'");
}

enum outcome attach_not_found(const struct attach_request *request,
                              const struct kernel_report *report, uint64_t missed)
{
    static const char advice[] =
        "this must be all RAM of an x86-64 Linux guest (5.x or newer, BTF)";
    const struct evidence *evidence = &report->evidence;
    const char *path = request->mapping->path;

    if (report->tried == 0 || evidence->what == NULL)
        return complain(OUTCOME_INPUT, path, "no Linux kernel found: %s", advice);
    return complain(OUTCOME_INPUT, path,
                    "no Linux kernel found (%" PRIu64
                    " candidates, the best refused: %s, 0x%" PRIx64 "): %s",
                    (uint64_t)report->tried + missed, evidence->what, evidence->at, advice);
}

enum outcome attach_ambiguous(const struct attach_request *request,
                              const struct kernel_report *report)
{
    char list[512];
    struct text text = text_in(list, sizeof list);

    for (size_t i = 0; i < report->candidate_count && i < KERNEL_CANDIDATES_MAX; i++) {
        const struct kernel_candidate *candidate = &report->candidates[i];
        text_add(&text, "%s%.*s at 0x%" PRIx64, i == 0 ? "" : ", ", KERNEL_RELEASE_SIZE,
                 candidate->release, candidate->image.v);
    }
    return complain(OUTCOME_INPUT, request->mapping->path,
                    "ambiguous: %zu kernels pass every check (%s): one was planted, or left over; "
                    "nothing in it can be trusted without the machine's registers",
                    report->candidate_count, list);
}

bool attach_stopped(const struct attach_request *request, enum outcome *outcome)
{
    if (mapping_shrunk(request->mapping)) {
        progress_end(request->progress);
        *outcome = mapping_complain(request->mapping);
        return true;
    }
    if (signals_pending() == 0)
        return false;
    progress_end(request->progress);
    *outcome = OUTCOME_SIGNAL;
    return true;
}

enum outcome attach(const struct attach_request *request, struct attachment **attachment)
{
    const struct mapping *mapping = request->mapping;

    if (request->below_4g != 0)
        return attach_raw(request, attachment);
    if (image_looks_like_elf(mapping->bytes, mapping->size))
        return attach_elf(request, attachment);
    if (image_looks_like_lime(mapping->bytes, mapping->size))
        return attach_lime(request, attachment);

    const struct format_refused *format = format_refused(mapping->bytes, mapping->size);
    if (format != NULL)
        return complain(OUTCOME_INPUT, mapping->path, "%s (if it is raw RAM: give --below-4g)",
                        format->what);
    return attach_raw(request, attachment);
}
