/*
 * CPUID as a TD sees it, and as its host answers TDG.VP.VMCALL<Instruction.CPUID>.
 *
 * Source: Intel TDX module ABI, CPUID virtualization; intel/tdx-module, branch tdx_1.5,
 * src/td_dispatcher/vm_exits/td_cpuid.c. A Sapphire Rapids (0x806F8) with what QEMU's processor can
 * do and the TD's XFAM allows.
 */
#ifndef MODULE_CPUID_H
#define MODULE_CPUID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "boot/cpu.h"

#define CPUID_SIGNATURE 0x000806f8U /* leaf 1, EAX */

/* Answers for L1, whose CR4 decides OSXSAVE; false: the leaf is not virtualized, #VE. */
MUST_CHECK bool cpuid_virtual(uint32_t leaf, uint32_t subleaf, uint64_t cr4, struct cpuid *out);

/* What the host says: the hypervisor leaves, and the same as above; zero for all others. */
struct cpuid cpuid_host(uint32_t leaf, uint32_t subleaf, uint64_t cr4);

#endif
