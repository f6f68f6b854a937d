/*
 * From a file to a kernel: the file's format, the memory map, discovery.
 *
 * Formats are told by their first bytes, and a guest can write those of its RAM file; with an
 * explicit `below_4g` the file is raw RAM whatever it begins with. Every failure is complained
 * about here, in one line.
 */
#ifndef CLI_ATTACH_H
#define CLI_ATTACH_H

#include "guestmem/image.h"
#include "kernel/discover.h"
#include "mapping.h"
#include "progress.h"

/* A kernel in a file. Its parts refer to each other: it never moves. */
struct attachment {
    struct image image;
    struct progress_memory attended;
    struct guestmem memory;
    struct kernel_layout layout;
    struct kernel_report report;
};

struct attach_request {
    const struct mapping *mapping;
    struct progress *progress;
    struct kernel_workspace *workspace;
    uint64_t below_4g; /* 0: find it */
};

/* The outcome is OUTCOME_SIGNAL, without a line, when a signal asked to stop. */
MUST_CHECK enum outcome attach(const struct attach_request *request,
                               struct attachment **attachment);

/* Parts of attach, one for each kind of file (attach_dump.c, attach_raw.c). */
MUST_CHECK enum outcome attach_elf(const struct attach_request *request,
                                   struct attachment **attachment);
MUST_CHECK enum outcome attach_lime(const struct attach_request *request,
                                    struct attachment **attachment);
MUST_CHECK enum outcome attach_raw(const struct attach_request *request,
                                   struct attachment **attachment);

/* An attachment whose image is still empty; NULL: no memory. Freed by free(). */
struct attachment *attachment_new(struct progress *progress);

/* Makes the memory serve what the image holds by now. */
void attachment_serve(struct attachment *attachment);

/* Discovery in it; either kind of hits may be NULL. */
MUST_CHECK enum status attachment_discover(struct attachment *attachment,
                                           const struct attach_request *request,
                                           const struct kernel_hits *notes,
                                           const struct kernel_hits *tokens);

/* Complaints. `report` is that of the attempt which came furthest. */
enum outcome attach_no_memory(const struct attach_request *request);
enum outcome attach_not_found(const struct attach_request *request,
                              const struct kernel_report *report, uint64_t missed);
enum outcome attach_ambiguous(const struct attach_request *request,
                              const struct kernel_report *report);

/* Whether the work was cut short by a signal or a lost file: then `outcome` says so. */
MUST_CHECK bool attach_stopped(const struct attach_request *request, enum outcome *outcome);

#endif
