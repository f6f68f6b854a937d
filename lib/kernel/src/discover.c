#include "kernel/discover.h"

#include "attempt.h"
#include "base/bytes.h"

size_t kernel_workspace_size(void)
{
    return sizeof(struct kernel_workspace);
}

typedef enum status way_in(struct attempt *attempt, struct gpa hit);

/* Two hits can lead to one kernel; it is the image that tells kernels apart. */
static bool known(const struct kernel_report *report, struct gpa image)
{
    for (size_t i = 0; i < report->candidate_count && i < KERNEL_CANDIDATES_MAX; i++)
        if (report->candidates[i].image.v == image.v)
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

struct hunt {
    const struct guestmem *memory;
    uint64_t attempt_units;
    struct kernel_workspace *workspace;
    struct kernel_layout *first; /* of the first hit that passes */
    struct kernel_report *report;
};

static void follow(const struct hunt *hunt, struct gpa hit, way_in *way)
{
    struct attempt attempt = {.workspace = hunt->workspace,
                              .budget = budget_of(hunt->attempt_units),
                              .layout.space.memory = hunt->memory,
                              .stage = STAGE_HIT,
                              .evidence = {"the page cannot be read", hit.v}};
    enum status status = way(&attempt, hit);
    hunt->report->tried++;
    if (status != STATUS_OK) {
        if (status == STATUS_BUDGET)
            attempt.evidence = (struct evidence){"work budget used up", hit.v};
        note_refusal(hunt->report, &attempt);
        return;
    }
    if (known(hunt->report, attempt.layout.image))
        return;
    if (hunt->report->candidate_count == 0)
        *hunt->first = attempt.layout;
    note_candidate(hunt->report, hit, &attempt.layout);
}

static uint64_t follow_all(const struct hunt *hunt, const struct kernel_hits *hits, way_in *way)
{
    size_t count = hits->count < KERNEL_HITS_MAX ? hits->count : KERNEL_HITS_MAX;
    for (size_t i = 0; i < count; i++)
        follow(hunt, hits->at[i], way);
    return hits->missed;
}

enum status kernel_discover(const struct guestmem *memory, const struct kernel_hits *notes,
                            const struct kernel_hits *tokens, uint64_t attempt_units,
                            struct kernel_workspace *workspace, struct kernel_layout *layout,
                            struct kernel_report *report)
{
    struct kernel_layout first = {0};
    struct hunt hunt = {memory, attempt_units, workspace, &first, report};
    *report = (struct kernel_report){0};
    workspace->known_note = gpa(0);
    if (memory->range_count == 0)
        return refuse(&report->evidence, STATUS_NOT_FOUND, "no RAM", 0);
    uint64_t missed = notes == NULL ? 0 : follow_all(&hunt, notes, attempt_note);
    if (report->candidate_count == 0 && tokens != NULL)
        missed += follow_all(&hunt, tokens, attempt_tokens);
    if (report->candidate_count == 0)
        return STATUS_NOT_FOUND;
    if (report->candidate_count > 1)
        return STATUS_AMBIGUOUS;
    if (missed > 0)
        return refuse(&report->evidence, STATUS_AMBIGUOUS, "more hits than can be followed",
                      missed);
    *layout = first;
    return STATUS_OK;
}
