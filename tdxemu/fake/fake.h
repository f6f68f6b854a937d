/*
 * The machine under tdxemu/host for unit tests: QEMU's fw_cfg, CMOS, LPC bridge and ports, the log,
 * the TD's RAM, and the end of tdxemu.
 *
 * It answers more strictly than QEMU: a port that the test has not expected answers ones, a DMA
 * address is a pointer of this process, and what ends tdxemu comes back to fake_ends().
 */
#ifndef FAKE_FAKE_H
#define FAKE_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Forgets everything; the machine has fw_cfg with DMA, one CPU, no files and no RAM. */
void fake_reset(void);

/* A file of fw_cfg, which keeps the pointer; a second one of that name replaces the first. */
void fake_file(const char *name, const void *bytes, size_t size);
void fake_text_file(const char *name, const char *text);

/* An item of fw_cfg that is no file. */
void fake_item(uint16_t key, const void *bytes, size_t size);

/* The key of a file in the machine's directory. */
uint16_t fake_key(const char *name);

/* Switches off the signature, DMA, or the success of DMA. */
struct fake_fw_cfg {
    bool absent, no_dma, failing;
};
void fake_fw_cfg(struct fake_fw_cfg what);

/* A machine's etc/e820: RAM from 0 and from 4 GiB on, in MiB. */
void fake_e820(uint64_t below_mib, uint64_t above_mib);

/* The TD's RAM: [0, below) and [4 GiB, 4 GiB + above), in bytes; at most 16 MiB in all. */
void fake_td_ram(uint64_t below, uint64_t above);

/* A byte of a shared page; not of a private one. */
unsigned char *fake_shared(uint64_t gpa);

/* Bytes that pages_add() was asked for, in all. */
uint64_t fake_added(void);

/* Everything printed since fake_reset(), refusals included. */
const char *fake_log(void);

/* The machine's own registers. */
unsigned char *fake_cmos(void);
void fake_lpc(uint32_t pm_base, bool enabled);
uint32_t fake_pci_address(void);

/* The last write that reached a port of the machine which no device above has. */
struct fake_write {
    uint16_t port;
    unsigned size;
    uint32_t value;
    unsigned count; /* of such writes since fake_reset() */
};
struct fake_write fake_last_write(void);

/* What reached a device's memory. */
struct fake_device_access {
    uint64_t hpa, value;
    unsigned size, count;
};
struct fake_device_access fake_last_device_access(void);

/* Calls `function`; true when it ended tdxemu, with the value for isa-debug-exit in `status`. */
bool fake_ends(void (*function)(void), unsigned *status);

#endif
