/*
 * EPT violations of L2. Device memory is reflected: L2 gets the #VE that a TD would get, decodes
 * its own instruction and asks by TDVMCALL (GHCI, #VE.RequestMMIO).
 */
#include "abi/vmx.h"
#include "abi/x86.h"
#include "arch/fatal.h"
#include "exits/exits.h"
#include "tdx/ghci.h"

static bool is_shared(uint64_t at)
{
    return (at & ghci_shared_bit()) != 0;
}

/* A second #VE before the first was asked for is a double fault (intel/tdx-module, #VE rules). */
static void reflect(struct vcpu *vcpu)
{
    if (vcpu->ve.valid) {
        vcpu_raise(vcpu, VECTOR_DF);
        return;
    }
    vcpu->ve = (struct vcpu_ve_info){.valid = true,
                                     .reason = VMX_EXIT_EPT_VIOLATION,
                                     .qualification = vcpu->exit.qualification,
                                     .gla = vcpu->exit.gla,
                                     .gpa = vcpu->exit.gpa,
                                     .instruction = 0};
    vcpu_raise(vcpu, VECTOR_VE);
}

void exit_ept_violation(struct vcpu *vcpu)
{
    /* A kernel for TDX never touches device memory at a private address, and asks who it is. */
    if (!is_shared(vcpu->exit.gpa) && !vcpu->is_tdx_guest)
        fatal("the kernel has no TDX guest support (CONFIG_INTEL_TDX_GUEST): it touched device "
              "memory at %lx as a plain VM does; give --kernel one that has it",
              vcpu->exit.gpa);
    reflect(vcpu);
}
