#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "abi/vmx.h"
#include "module/metadata_rules.h"

#define VM 1U

#define VMCS_EPTP      0x201aU
#define VMCS_TERTIARY  0x2034U
#define EPTP_SSS       0x80U
#define XFAM_CET_S     (1ULL << 12)
#define TD_CTLS_NO_VE  1ULL
#define FLEXIBLE_VE    (1ULL << 1)
#define PRIVATE_GPA_48 0x00007fffffffffffULL

/* 48-bit GPAs: bit 47 is the shared bit, and nothing may be above it. */
static bool is_private_gpa(uint64_t value)
{
    return (value & ~PRIVATE_GPA_48) == 0;
}

static uint64_t eptp(const struct metadata *metadata, const struct metadata_field *field,
                     uint64_t value)
{
    (void)field;
    bool sss = (value & EPTP_SSS) != 0;
    bool cet = (metadata->values[SLOT_TDCS_XFAM] & XFAM_CET_S) != 0;
    return sss && !cet ? TDX_METADATA_VALUE_NOT_VALID : TDX_SUCCESS;
}

/* Bits of the write mask must comply with a capability MSR: must-be-1 low, may-be-1 high. */
static uint64_t within(uint64_t mask, uint64_t value, uint64_t must, uint64_t may)
{
    return (mask & ((~value & must) | (value & ~may))) != 0 ? TDX_METADATA_VALUE_NOT_VALID
                                                            : TDX_SUCCESS;
}

static uint64_t primary(const struct metadata *metadata, const struct metadata_field *field,
                        uint64_t value)
{
    uint64_t msr = metadata->values[SLOT_TDCS_VIRTUAL_IA32_VMX_TRUE_PROCBASED_CTLS];
    return within(field->write_mask, value, msr & 0xffffffffU, msr >> 32);
}

static uint64_t secondary(const struct metadata *metadata, const struct metadata_field *field,
                          uint64_t value)
{
    uint64_t msr = metadata->values[SLOT_TDCS_VIRTUAL_IA32_VMX_PROCBASED_CTLS2];
    return within(field->write_mask, value, msr & 0xffffffffU, msr >> 32);
}

static uint64_t tertiary(const struct metadata *metadata, const struct metadata_field *field,
                         uint64_t value)
{
    uint64_t msr = metadata->values[SLOT_TDCS_VIRTUAL_IA32_VMX_PROCBASED_CTLS3];
    return within(field->write_mask, value, 0, msr);
}

static uint64_t td_ctls(const struct metadata *metadata, const struct metadata_field *field,
                        uint64_t value)
{
    bool changes = ((value ^ metadata->values[field->slot]) & TD_CTLS_NO_VE) != 0;
    bool flexible = (metadata->values[SLOT_TDCS_CONFIG_FLAGS] & FLEXIBLE_VE) != 0;
    return changes && !flexible ? TDX_METADATA_VALUE_NOT_VALID : TDX_SUCCESS;
}

static const struct {
    uint64_t id;
    uint64_t (*check)(const struct metadata *, const struct metadata_field *, uint64_t value);
} checks[] = {
    {TDVPS_L2_VMCS(VM, VMCS_EPTP), eptp},
    {TDVPS_L2_VMCS(VM, VMCS_TERTIARY), tertiary},
    {TDVPS_L2_VMCS(VM, VMCS_PROC_CONTROLS), primary},
    {TDVPS_L2_VMCS(VM, VMCS_PROC_CONTROLS2), secondary},
    {TDCS_TD_CTLS, td_ctls},
};

uint64_t field_check(const struct metadata *metadata, const struct metadata_field *field,
                     uint64_t value)
{
    if ((field->flags & FIELD_PRIVATE_GPA) != 0 && !is_private_gpa(value))
        return TDX_METADATA_VALUE_NOT_VALID;
    if ((field->flags & FIELD_SPECIAL_WRITE) == 0)
        return TDX_SUCCESS;
    for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (checks[i].id == (field->id & ~FIELD_INC_SIZE))
            return checks[i].check(metadata, field, value);
    }
    return TDX_SUCCESS;
}
