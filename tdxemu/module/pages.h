/*
 * The TD's pages: which are private and accepted, which are shared, what L2 may do with them.
 *
 * Every page of the TD's RAM has fixed private backing in the pool; shared, it is the machine's RAM
 * at HPA = GPA. The host adds private pages lazily: what is neither mapped nor shared is PENDING as
 * soon as somebody asks, so the two are one state here. Image pages are the 4 MiB below 4 GiB.
 * Source: intel/tdx-module, branch tdx_1.5, src/td_dispatcher/vm_exits/tdg_mem_page_*.c.
 */
#ifndef MODULE_PAGES_H
#define MODULE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "host/machine.h"
#include "svm/npt.h"

#define GPA_SHARED_BIT (1ULL << 47)
#define GPA_WIDTH_MASK (GPA_SHARED_BIT * 2 - 1)
#define SIZE_4K        0x1000ULL
#define SIZE_2M        0x200000ULL

enum page_state {
    PAGE_NONE,    /* no private page can be there */
    PAGE_PENDING, /* not accepted yet */
    PAGE_MAPPED,
    PAGE_SHARED
};

void pages_init(const struct machine *machine);

/* Roots of L1 and of L2; L2 sees shared pages while `enabled`. */
struct npt pages_l1(void);
struct npt pages_l2(void);
void pages_l2_shared(bool enabled);

/* Private backing of the range, NULL unless all of it is TD RAM or image pages; any state. */
void *pages_private(uint64_t gpa, uint64_t length);

/* TDH.MEM.PAGE.ADD: mapped and accepted from the start; false: not a private page range. */
MUST_CHECK bool pages_add(uint64_t gpa, uint64_t size);

/* The GPA range, without shared bit, lies in the TD's RAM. */
bool pages_is_ram(uint64_t gpa, uint64_t length);

/* State of the 4 KiB page at the private GPA, and whether L1 has it in a 2 MiB mapping. */
enum page_state pages_state(uint64_t gpa);
bool pages_large(uint64_t gpa);

/* Accepted private bytes as the TD sees them; NULL unless mapped; must not cross a page. */
void *pages_mapped(uint64_t gpa, uint64_t length);

/* The same for a GPA with or without the shared bit. */
void *pages_seen(uint64_t gpa, uint64_t length);

/* A 2 MiB range of RAM no page of which is mapped or shared. */
bool pages_untouched(uint64_t gpa);

/* PENDING to MAPPED, zeroed, at NPT level; the caller has checked the states. */
void pages_accept(uint64_t gpa, unsigned level);

/* MapGPA; the range is RAM, 4 KiB aligned. To shared, private pages and aliases are dropped. */
void pages_map_gpa(uint64_t gpa, uint64_t size, bool shared);

/* A 2 MiB mapping becomes 512 mappings of 4 KiB, with their aliases. */
void pages_demote(uint64_t gpa);

/* TDX_ATTR_ bits of L2 for the page, without VALID; 0: no alias. */
unsigned pages_alias(uint64_t gpa);
void pages_alias_set(uint64_t gpa, unsigned level, unsigned attributes);

#endif
