/* One TD's metadata, new for each test, and accesses whose scope follows from the id. */
#ifndef UNIT_METADATA_TD_H
#define UNIT_METADATA_TD_H

#include "abi/tdx_fields.h"
#include "abi/tdx_tdcall.h"
#include "module/metadata.h"

#define ALL UINT64_MAX

#define ck_refused(call) ck_assert_uint_eq(call, TDX_METADATA_VALUE_NOT_VALID)
#define ck_written(call) ck_assert_uint_eq(call, TDX_SUCCESS)

extern struct metadata td;

/* The fixture: metadata_init(), and nothing dirty. */
void td_init(void);

/* A read, which ends the test when it fails; the status of a write. */
uint64_t rd(uint64_t id);
uint64_t wr(uint64_t id, uint64_t value, uint64_t mask);

/* The same of a field of the L2 VMCS, and what the CPU would find there. */
uint64_t rd_vmcs(uint32_t encoding);
uint64_t wr_vmcs(uint32_t encoding, uint64_t value, uint64_t mask);
uint64_t vmcs(uint32_t encoding);

#endif
