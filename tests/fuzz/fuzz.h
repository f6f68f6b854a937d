/*
 * Ground that the fuzz targets share.
 *
 * Targets that need a whole guest mutate a synthetic one: their input is a list of patches, each
 * stored at a place that matters, so that fuzzing starts deep instead of at the first magic number.
 * A patch: one byte with the region (lower 4 bits) and length - 1 (upper 4 bits), three bytes of
 * offset (taken modulo the region's size), then 1 to 16 bytes.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

/* A property that must hold for every input. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    FUZZ_REGION_HEAP,   /* objects and page tables */
    FUZZ_REGION_IMAGE,  /* the kernel image as far as it is in use */
    FUZZ_REGION_TABLES, /* kallsyms */
    FUZZ_REGION_BTF,
    FUZZ_REGION_ROOT, /* top-level page table */
    FUZZ_REGION_NOTE,
    FUZZ_REGIONS,
    FUZZ_PATCHES_MAX = 64,
    FUZZ_PATCH_BYTES = 16
};

struct fuzz_region {
    uint64_t start, size; /* physical */
};

struct fuzz_undo {
    uint64_t at;
    unsigned length;
    unsigned char bytes[FUZZ_PATCH_BYTES];
};

struct fuzz_guest {
    struct scenario scenario;
    struct watched_memory watched;
    struct guestmem memory;
    struct kernel_layout layout;
    struct fuzz_region regions[FUZZ_REGIONS];
    struct fuzz_undo undo[FUZZ_PATCHES_MAX];
    unsigned undo_count;
};

/* The guest that all targets and the seeds agree on; small, so that it is quick to make. */
void fuzz_guest_make(struct fuzz_guest *guest);

/* Applies the patches in `data`; fuzz_restore takes them back. */
void fuzz_patch(struct fuzz_guest *guest, const uint8_t *data, size_t size);
void fuzz_restore(struct fuzz_guest *guest);

/* Appends a patch of `length` bytes at a physical address that lies in `region`. */
void fuzz_write_patch(const struct fuzz_guest *guest, struct buffer *seed, unsigned region,
                      uint64_t physical, const void *bytes, unsigned length);

#endif
