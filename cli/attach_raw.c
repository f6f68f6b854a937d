/*
 * Raw RAM files: the bytes are searched once, by file offset; the hits are followed under every
 * memory map that machines use (raw_map.h), and the guest's own resource tree chooses among the
 * maps under which a kernel was found: the smallest part below the hole that holds all its RAM.
 */
#include <stdlib.h>

#include "attach.h"
#include "errors.h"
#include "policy.h"
#include "raw_map.h"
#include "search.h"
#include "text.h"

struct hunt {
    const struct attach_request *request;
    uint64_t size;
    uint64_t maps[RAW_MAPS_MAX];
    size_t map_count;
    uint64_t missed;   /* hits for which there was no room */
    size_t found;      /* maps under which a kernel passed */
    uint64_t found_at; /* file offset of the hit that led to the first */
    bool ambiguous;    /* `report` lists the rivals */
    bool has_ram;      /* `ram` is what a kernel that passed says */
    struct kernel_ram ram;
    struct kernel_report report; /* of the attempt that came furthest, or the first that passed */
    struct attachment *chosen;
};

/* Searches the bytes; a search that was cut short has found nothing. False: no memory. */
static bool search(struct hunt *hunt, search_function *scan, uint64_t units,
                   struct kernel_hits *hits)
{
    struct attachment *flat = attachment_new(hunt->request->progress);

    if (flat == NULL)
        return false;
    flat->image.ranges[0] = (struct guestmem_range){gpa(0), hunt->size};
    flat->image.bytes[0] = hunt->request->mapping->bytes;
    flat->image.count = 1;
    attachment_serve(flat);
    if (search_file(hunt->request->mapping, &flat->memory, scan, units, hits) != STATUS_OK)
        *hits = (struct kernel_hits){.missed = 1};
    hunt->missed += hits->missed;
    free(flat);
    return true;
}

/* Two maps, two kernels: neither map is proof against the other. */
static void note_rival(struct hunt *hunt, const struct kernel_report *report)
{
    hunt->ambiguous = true;
    hunt->report.candidates[1] = report->candidates[0];
    hunt->report.candidate_count = 2;
}

/* A kernel passed under `below_4g`. Takes `attempt` when the guest's RAM agrees with the map. */
static bool take(struct hunt *hunt, struct attachment *attempt, uint64_t below_4g)
{
    struct budget budget = budget_of(POLICY_LOOKUP_UNITS);
    uint64_t at = raw_map_offset(attempt->report.candidates[0].at, below_4g);
    struct kernel_ram ram;
    bool has_ram = kernel_system_ram(&attempt->layout, &budget, &ram) == STATUS_OK;

    if (hunt->found++ == 0) {
        hunt->found_at = at;
        hunt->report = attempt->report;
    } else if (at != hunt->found_at) {
        note_rival(hunt, &attempt->report);
        return false;
    }
    if (has_ram) {
        hunt->has_ram = true;
        hunt->ram = ram;
    }
    if (hunt->chosen != NULL)
        return false;
    /* The tree is in the last pages of RAM: where it is not readable, the end of RAM is missing. */
    if (has_ram ? !raw_map_fits(&ram, hunt->size, below_4g) : hunt->request->below_4g == 0)
        return false;
    hunt->chosen = attempt;
    return true;
}

/* Follows hits (by file offset) under one map. False: no memory. */
static bool try_map(struct hunt *hunt, uint64_t below_4g, const struct kernel_hits *notes,
                    const struct kernel_hits *tokens)
{
    const struct mapping *mapping = hunt->request->mapping;
    struct attachment *attempt = attachment_new(hunt->request->progress);
    struct kernel_hits note_hits;
    struct kernel_hits token_hits;
    bool taken = false;

    if (attempt == NULL)
        return false;
    raw_map_hits(notes, below_4g, &note_hits);
    raw_map_hits(tokens, below_4g, &token_hits);
    if (image_from_raw(mapping->bytes, mapping->size, below_4g, &attempt->image, NULL) ==
        STATUS_OK) {
        attachment_serve(attempt);
        enum status status = attachment_discover(attempt, hunt->request, &note_hits, &token_hits);
        if (status == STATUS_OK)
            taken = take(hunt, attempt, below_4g);
        else if (status == STATUS_AMBIGUOUS)
            hunt->ambiguous = true;
        if (status == STATUS_AMBIGUOUS || (status != STATUS_OK && hunt->found == 0 &&
                                           attempt->report.furthest >= hunt->report.furthest))
            hunt->report = attempt->report;
    }
    if (!taken)
        free(attempt);
    return true;
}

static bool try_maps(struct hunt *hunt, const struct kernel_hits *notes,
                     const struct kernel_hits *tokens)
{
    if (notes->count + tokens->count == 0)
        return true;
    for (size_t i = 0; i < hunt->map_count && !hunt->ambiguous; i++)
        if (!try_map(hunt, hunt->maps[i], notes, tokens))
            return false;
    if (hunt->ambiguous || hunt->chosen != NULL || !hunt->has_ram || hunt->request->below_4g != 0)
        return true;

    uint64_t implied = raw_map_implied(&hunt->ram, hunt->size);
    return implied == 0 || try_map(hunt, implied, notes, tokens);
}

/* Notes first; all bytes only when they lead nowhere. False: no memory. */
static bool hunt_kernel(struct hunt *hunt)
{
    static const struct kernel_hits none = {.count = 0};
    struct kernel_hits hits;

    if (!search(hunt, kernel_scan_notes, policy_note_units(hunt->size), &hits) ||
        !try_maps(hunt, &hits, &none))
        return false;
    if (hunt->found != 0 || hunt->ambiguous)
        return true;
    return search(hunt, kernel_scan_tokens, policy_token_units(hunt->size), &hits) &&
           try_maps(hunt, &none, &hits);
}

/* A kernel is there, but its RAM is not where any map would have it. */
static enum outcome complain_map(const struct hunt *hunt)
{
    const char *path = hunt->request->mapping->path;
    char room[128];
    struct text text = text_in(room, sizeof room);

    if (!hunt->has_ram)
        return complain(
            OUTCOME_INPUT, path,
            "truncated, or of an unusual machine: the guest's list of its RAM lies "
            "outside: copy or dump it again, whole, or give --below-4g (q35: 2G, pc: 3G)");
    text_add(&text, "the guest has ");
    text_add_size(&text, raw_map_total(&hunt->ram));
    text_add(&text, " of RAM, the file holds ");
    text_add_size(&text, hunt->size);
    if (raw_map_total(&hunt->ram) > hunt->size)
        return complain(OUTCOME_INPUT, path, "truncated: %s: copy or dump it again, whole", room);
    return complain(OUTCOME_INPUT, path, "%s, but not where %s would have it: give %s --below-4g",
                    room, hunt->request->below_4g != 0 ? "this --below-4g" : "any known machine",
                    hunt->request->below_4g != 0 ? "another" : "its");
}

enum outcome attach_raw(const struct attach_request *request, struct attachment **attachment)
{
    struct hunt hunt = {.request = request, .size = request->mapping->size};
    enum outcome outcome = OUTCOME_DONE;

    hunt.map_count = 1;
    hunt.maps[0] = request->below_4g;
    if (request->below_4g == 0)
        hunt.map_count = raw_map_candidates(hunt.size, hunt.maps);
    progress_begin(request->progress, "searching", hunt.size);
    bool complete = hunt_kernel(&hunt);
    progress_end(request->progress);

    if (attach_stopped(request, &outcome))
        ;
    else if (hunt.ambiguous)
        outcome = attach_ambiguous(request, &hunt.report);
    else if (!complete)
        outcome = attach_no_memory(request);
    else if (hunt.found == 0)
        outcome = attach_not_found(request, &hunt.report, hunt.missed);
    else if (hunt.chosen == NULL)
        outcome = complain_map(&hunt);
    if (outcome != OUTCOME_DONE) {
        free(hunt.chosen);
        return outcome;
    }
    *attachment = hunt.chosen;
    return OUTCOME_DONE;
}
