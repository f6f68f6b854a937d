#include "kernel/discover.h"

#include "base/bytes.h"
#include "hunt.h"

size_t kernel_workspace_size(void)
{
    return sizeof(struct kernel_workspace);
}

/*
 * Two hits can lead to one kernel: it is the image that tells kernels apart, and, of what claims to
 * be the first one's, the symbols.
 */
static bool known(const struct hunt *hunt, const struct kernel_layout *layout)
{
    const struct kernel_report *report = hunt->report;
    for (size_t i = 0; i < report->candidate_count && i < KERNEL_CANDIDATES_MAX; i++)
        if (report->candidates[i].image.v == layout->image.v &&
            (i > 0 || bytes_equal(&layout->symbols, &hunt->first->symbols, sizeof layout->symbols)))
            return true;
    return false;
}

static void note_candidate(struct kernel_report *report, struct gpa hit,
                           const struct kernel_layout *layout)
{
    if (report->candidate_count < KERNEL_CANDIDATES_MAX) {
        struct kernel_candidate *candidate = &report->candidates[report->candidate_count];
        candidate->at = hit;
        candidate->image = layout->image;
        bytes_copy(candidate->release, layout->release, sizeof candidate->release);
    }
    report->candidate_count++;
}

static void note_refusal(struct kernel_report *report, const struct attempt *attempt)
{
    if (report->evidence.what != NULL && attempt->stage < report->furthest)
        return;
    report->evidence = attempt->evidence;
    report->furthest = attempt->stage;
}

static void follow(const struct hunt *hunt, struct gpa hit, way_in *way)
{
    struct attempt attempt = {.workspace = hunt->workspace,
                              .budget = budget_of(hunt->attempt_units),
                              .layout.space.memory = hunt->memory,
                              .stage = STAGE_HIT,
                              .evidence = {"the page cannot be read", hit.v}};
    if (hunt->anchor != NULL)
        attempt.anchor = *hunt->anchor;
    enum status status = way(&attempt, hit);
    hunt->report->tried++;
    if (status != STATUS_OK) {
        if (status == STATUS_BUDGET)
            attempt.evidence = (struct evidence){"work budget used up", hit.v};
        note_refusal(hunt->report, &attempt);
        return;
    }
    if (known(hunt, &attempt.layout))
        return;
    if (hunt->report->candidate_count == 0)
        *hunt->first = attempt.layout;
    note_candidate(hunt->report, hit, &attempt.layout);
}

uint64_t hunt_follow(const struct hunt *hunt, const struct kernel_hits *hits, way_in *way)
{
    size_t count = hits->count < KERNEL_HITS_MAX ? hits->count : KERNEL_HITS_MAX;
    for (size_t i = 0; i < count; i++)
        follow(hunt, hits->at[i], way);
    return hits->missed;
}

enum status hunt_verdict(const struct hunt *hunt, uint64_t missed, struct kernel_layout *layout)
{
    struct kernel_report *report = hunt->report;
    if (report->candidate_count == 0)
        return STATUS_NOT_FOUND;
    if (report->candidate_count > 1)
        return STATUS_AMBIGUOUS;
    if (missed > 0)
        return refuse(&report->evidence, STATUS_AMBIGUOUS, "more hits than can be followed",
                      missed);
    *layout = *hunt->first;
    return STATUS_OK;
}

enum status kernel_discover(const struct guestmem *memory, const struct kernel_hits *notes,
                            const struct kernel_hits *tokens, uint64_t attempt_units,
                            struct kernel_workspace *workspace, struct kernel_layout *layout,
                            struct kernel_report *report)
{
    struct kernel_layout first = {0};
    struct hunt hunt = {.memory = memory,
                        .attempt_units = attempt_units,
                        .workspace = workspace,
                        .first = &first,
                        .report = report};
    *report = (struct kernel_report){0};
    workspace->known_note = gpa(0);
    if (memory->range_count == 0)
        return refuse(&report->evidence, STATUS_NOT_FOUND, "no RAM", 0);
    uint64_t missed = notes == NULL ? 0 : hunt_follow(&hunt, notes, attempt_note);
    if (report->candidate_count == 0 && tokens != NULL)
        missed += hunt_follow(&hunt, tokens, attempt_tokens);
    return hunt_verdict(&hunt, missed, layout);
}
