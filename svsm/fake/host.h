/*
 * A host for unit tests: what svsm's own API (arch/, tdx/, mem/) answers when the code under test
 * runs as a process. Its answers are tables that a test fills, lies included.
 *
 * What it cannot show: exits, faults, a host that writes between two instructions (only between two
 * calls), pages that are not accepted.
 */
#ifndef SVSM_FAKE_HOST_H
#define SVSM_FAKE_HOST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestmem/guestmem.h"

enum {
    FAKE_ITEMS_MAX = 24,
    FAKE_FUNCTIONS_MAX = 72,
    FAKE_RANGES_MAX = 8,
    FAKE_CONFIG_SIZE = 256
};

struct fake_item {
    uint16_t key;
    const char *file; /* NULL: no name in the directory */
    const void *bytes;
    uint32_t size;
    uint32_t told; /* size in the directory */
};

/* A PCI function as its configuration space and the masks of bits that writes reach. */
struct fake_function {
    unsigned number; /* device << 3 | function */
    unsigned char config[FAKE_CONFIG_SIZE];
    unsigned char writable[FAKE_CONFIG_SIZE];
};

struct fake_host {
    struct fake_item items[FAKE_ITEMS_MAX];
    size_t item_count;
    uint32_t directory_lie; /* not 0: count that the directory tells */
    bool refuses_io;
    bool dma_error;
    bool dma_silent;
    unsigned long dma_transfers;

    struct fake_function functions[FAKE_FUNCTIONS_MAX];
    size_t function_count;
    unsigned long config_accesses;
    struct {
        uint16_t port;
        uint32_t value;
    } last_out; /* of a port that is neither fw_cfg's nor PCI's */

    uint64_t fields[6]; /* MRCONFIGID */
    uint64_t field_status;

    struct guestmem_range ranges[FAKE_RANGES_MAX];
    unsigned char *backing[FAKE_RANGES_MAX]; /* NULL: memory that is not accepted */
    size_t range_count;

    /* Device memory; NULL: reads as ones. */
    bool (*mmio)(struct gpa at, unsigned size, bool write, uint64_t *value);

    char printed[4096];
    char fatal[256];
    jmp_buf gave_up; /* where fatal() goes */
};

extern struct fake_host fake_host;

/* A host without fw_cfg items, PCI functions or memory. Frees what the last one had. */
void fake_host_reset(void);

/* Adds an item; the bytes are borrowed. A file's key is chosen. */
void fake_item(uint16_t key, const void *bytes, uint32_t size);
void fake_file(const char *name, const void *bytes, uint32_t size);

/* Adds RAM of L2, with zeroed backing. */
void fake_l2_ram(uint64_t start, uint64_t size);

/* Adds a type 0 function; `bar` gives it a BAR of a power of two bytes, `flags` being bits 3:0. */
struct fake_function *fake_function(unsigned number, uint16_t vendor, uint16_t device);
void fake_bar(struct fake_function *function, unsigned index, uint64_t size, uint32_t flags);
/* Adds an MSI-X capability at `at`, the first of the list. */
void fake_msix(struct fake_function *function, uint8_t at, unsigned entries, unsigned bar,
               uint32_t offset);
uint32_t fake_config(const struct fake_function *function, unsigned offset);
void fake_config_set(struct fake_function *function, unsigned offset, uint32_t value);

/* The host's side of fw_cfg and of PCI configuration, for fake/api.c. */
bool fake_fw_cfg_dma(unsigned half, uint32_t value);
bool fake_pci_io(uint16_t port, unsigned size, bool write, uint32_t *value);

/* Runs `statement`; true when it ended in fatal(), whose text is then in fake_host.fatal. */
#define FAKE_GIVES_UP(statement)                                                                   \
    (setjmp(fake_host.gave_up) == 0 ? ((void)(statement), false) : true)

#endif
