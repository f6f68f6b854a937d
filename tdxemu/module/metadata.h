/*
 * The TDX module's metadata: TDG.SYS.RD, TDG.VM.RD/WR, TDG.VP.RD/WR and the values behind them.
 *
 * One TD with one vCPU and one L2 VM; ids of VMs 2 and 3 are incorrect, as they are for the module
 * when NUM_L2_VMS is 1. The caller gives the memory; there is no other state. The TD is not a
 * debug TD, never scales the TSC (TSC_MULTIPLIER is 1.0), and has GPAW 0.
 *
 * Source: intel/tdx-module, branch tdx_1.5 (72d8cff), src/common/metadata_handlers/ and
 * include/auto_gen/ *_fields_lookup.c; the tables are generated from abi/spec.
 *
 * One difference: a CPUID_VALUES id is never checked against the module's list of leaves; it is
 * not readable and not writable, as it is for a guest with every leaf on that list.
 */
#ifndef MODULE_METADATA_H
#define MODULE_METADATA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "module/metadata_slots.h"

enum metadata_scope {
    METADATA_SYS,
    METADATA_TD,
    METADATA_VP,
    METADATA_SCOPES
};

/* What L1 has written since metadata_clean(). */
#define METADATA_DIRTY_CONTROLS   1U /* VMCS controls but those of the next group, and L2_CTLS */
#define METADATA_DIRTY_EVENT      2U /* VM-entry interruption information, error code, length */
#define METADATA_DIRTY_GUEST      4U /* VMCS guest state */
#define METADATA_DIRTY_MSR_BITMAP 8U
#define METADATA_DIRTY_ALL        15U

struct metadata {
    uint64_t values[METADATA_SLOTS]; /* by enum metadata_slot; first the VMCS of L2 VM 1 */
    uint32_t dirty;
};

/*
 * TDH.MNG.INIT with the parameters of this host, and metadata_vp_init(). What the parameters leave
 * open is zero and the caller's to set: TSC_FREQUENCY, TSC_OFFSET, TD_UUID, MRTD, MRCONFIGID.
 */
void metadata_init(struct metadata *metadata);

/*
 * TDH.VP.INIT: the vCPU and its L2 VMCS from the TD's fields, and the virtual VMX capabilities.
 * Call it again after a change of ATTRIBUTES or XFAM.
 */
void metadata_vp_init(struct metadata *metadata);

/*
 * One of the RD leaves; returns its completion status, without operand.
 *
 * `version` is that of the leaf and matters for METADATA_TD alone: 0 has no next id. Otherwise id
 * -1 asks for the first readable id: it is put in `next`, and the status is
 * TDX_METADATA_FIRST_FIELD_ID. On success `value` is written, and `next` where there is one (-1
 * after the last). On an error both are untouched: the leaf sets R8 to 0 and, where it has a next
 * id, RDX to -1.
 */
MUST_CHECK uint64_t metadata_rd(const struct metadata *metadata, enum metadata_scope scope,
                                uint64_t id, unsigned version, uint64_t *next, uint64_t *value);

/*
 * TDG.VM.WR or TDG.VP.WR: writes the bits of `mask`; returns the completion status, which for a
 * TSC_DEADLINE too far away is TDX_OPERAND_INVALID without operand. `previous` is what the guest
 * could read before, and written on success alone; else the leaf sets R8 to 0.
 */
MUST_CHECK uint64_t metadata_wr(struct metadata *metadata, enum metadata_scope scope, uint64_t id,
                                uint64_t value, uint64_t mask, uint64_t *previous);

/*
 * For the module itself: values as they are, without masks and filters. An id (its context bits
 * count), encoding or VM that does not exist, or has no slot, is a mistake of the caller and traps.
 */
uint64_t metadata_value(const struct metadata *metadata, uint64_t id);
void metadata_set(struct metadata *metadata, uint64_t id, uint64_t value);

/* Slot of a VMCS encoding of the L2 VM; folds to a constant for a constant encoding. */
static inline unsigned metadata_vmcs_slot(unsigned vm, uint32_t encoding)
{
    unsigned slot = metadata_vmcs_base[encoding >> 10 & 31U] + (encoding >> 1 & 0x1ffU);
    if (vm != 1 || slot >= METADATA_VMCS_SLOTS)
        __builtin_trap();
    return slot;
}

/*
 * The VMCS as the CPU would see it: the CR0 and CR4 masks and shadows combined with the module's
 * own, PLE in native TSC units. The virtual-APIC address (0x2012) is the GPA that L1 gave, -1 when
 * it gave none; TDVPS.L2_VAPIC_GPA is not kept apart from it.
 */
static inline uint64_t metadata_vmcs(const struct metadata *metadata, unsigned vm,
                                     uint32_t encoding)
{
    return metadata->values[metadata_vmcs_slot(vm, encoding)];
}

static inline void metadata_vmcs_set(struct metadata *metadata, unsigned vm, uint32_t encoding,
                                     uint64_t value)
{
    metadata->values[metadata_vmcs_slot(vm, encoding)] = value;
}

/* Virtual value of IA32_VMX_BASIC to IA32_VMX_EXIT_CTLS2 (0x480 to 0x493) or ARCH_CAPABILITIES. */
#define METADATA_VIRTUAL_MSR(msr) (0x9610000300000000ULL | (msr))

/* L1's bit for this access in the VM's MSR bitmap; an MSR outside the bitmap is intercepted. */
bool metadata_msr_intercepted(const struct metadata *metadata, unsigned vm, uint32_t msr,
                              bool write);

/* METADATA_DIRTY_ bits of what metadata_wr() changed; everything after metadata_vp_init(). */
static inline uint32_t metadata_dirty(const struct metadata *metadata)
{
    return metadata->dirty;
}

static inline void metadata_clean(struct metadata *metadata)
{
    metadata->dirty = 0;
}

#endif
