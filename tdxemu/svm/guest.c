#include "svm/guest.h"

#include <stddef.h>
#include <string.h>

#include "abi/x86.h"
#include "abi/x86_paging.h"
#include "module/pages.h"

#define LEVELS 4U

static bool walk(uint64_t cr3, uint64_t linear, uint64_t *gpa)
{
    uint64_t table = cr3 & X86_PTE_ADDRESS;
    for (unsigned level = LEVELS; level-- > 0;) {
        unsigned shift = X86_PAGE_SHIFT + X86_TABLE_BITS * level;
        uint64_t index = linear >> shift & (X86_TABLE_ENTRIES - 1);
        const uint64_t *entry = pages_seen(table + index * sizeof *entry, sizeof *entry);
        if (!entry || !(*entry & X86_PTE_PRESENT))
            return false;
        uint64_t value = *entry;
        table = value & X86_PTE_ADDRESS;
        if (level == 0 || (level < 3 && value & X86_PTE_PAGE_SIZE)) {
            uint64_t mask = (1ULL << shift) - 1;
            *gpa = (table & ~mask) | (linear & mask);
            return true;
        }
    }
    return false;
}

bool guest_translate(const struct world *world, uint64_t linear, uint64_t *gpa)
{
    const struct vmcb *vmcb = world->vmcb;
    if (!(vmcb->cr0 & X86_CR0_PG)) {
        *gpa = linear & UINT32_MAX;
        return true;
    }
    return vmcb->efer & X86_EFER_LMA && walk(vmcb->cr3, linear, gpa);
}

static const uint8_t *byte_at(const struct world *world, uint64_t linear)
{
    uint64_t gpa;
    return guest_translate(world, linear, &gpa) ? pages_seen(gpa, 1) : NULL;
}

static unsigned copy(const struct world *world, uint64_t linear, uint8_t *to, unsigned length)
{
    unsigned done = 0;
    while (done < length) {
        const uint8_t *from = byte_at(world, linear + done);
        unsigned left = (unsigned)(X86_PAGE_SIZE - (linear + done) % X86_PAGE_SIZE);
        unsigned part = length - done < left ? length - done : left;
        if (!from)
            break;
        memcpy(to + done, from, part);
        done += part;
    }
    return done;
}

unsigned guest_fetch(const struct world *world, uint8_t *bytes, unsigned length)
{
    uint64_t base = world_in_64bit_mode(world) ? 0 : world->vmcb->segment[SEGMENT_CS].base;
    return copy(world, base + world->vmcb->rip, bytes, length);
}

static bool equal(const uint8_t *a, const uint8_t *b, unsigned length)
{
    for (unsigned i = 0; i < length; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

bool guest_code_is(struct world *world, const uint8_t *expected, unsigned length)
{
    uint64_t rip = world->vmcb->rip;
    uint64_t offset = rip % X86_PAGE_SIZE;
    struct code_page *page = &world->code[rip / X86_PAGE_SIZE % CODE_PAGES];
    if (!world_in_64bit_mode(world) || world->vmcb->cpl != 0 || offset + length > X86_PAGE_SIZE)
        return false;
    if (page->bytes && page->linear == rip - offset &&
        equal(page->bytes + offset, expected, length))
        return true;
    const uint8_t *bytes = byte_at(world, rip - offset);
    if (!bytes || !equal(bytes + offset, expected, length))
        return false;
    *page = (struct code_page){rip - offset, bytes};
    return true;
}

bool guest_read(const struct world *world, uint64_t linear, void *to, unsigned length)
{
    return copy(world, linear, to, length) == length;
}
