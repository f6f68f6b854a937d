/*
 * Facts about a kernel that its tables must reproduce: what closes the loop in discovery, and what
 * shows afterwards that the kernel which was found is still there.
 *
 * STATUS_MISMATCH: memory says otherwise. The address in a complaint about it is the caller's
 * matter.
 */
#ifndef KERNEL_FACTS_H
#define KERNEL_FACTS_H

#include "kernel/layout.h"

/* The kernel's page tables map `address`, for the kernel only, to where the window does. */
MUST_CHECK enum status facts_mapping(const struct kernel_layout *layout, struct budget *budget,
                                     struct gva address);

/* The page that vmcoreinfo_note points at; STATUS_NOT_FOUND when there is no such symbol. */
MUST_CHECK enum status facts_note(const struct kernel_layout *layout, struct budget *budget,
                                  struct gpa *page);

/* init_uts_ns holds the release that led to the layout. */
MUST_CHECK enum status facts_release(const struct kernel_layout *layout, struct budget *budget);

/* The list of namespaces has begun, and the initial one's death row names the global table. */
MUST_CHECK enum status facts_tcp(const struct kernel_layout *layout, struct budget *budget);

#endif
