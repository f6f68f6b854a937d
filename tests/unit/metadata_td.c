#include "metadata_td.h"

#include <check.h>

struct metadata td;

void td_init(void)
{
    metadata_init(&td);
    metadata_clean(&td);
}

uint64_t rd(uint64_t id)
{
    uint64_t next = 0;
    uint64_t value = 0;
    enum metadata_scope scope = (enum metadata_scope)(id >> 52 & 7);
    ck_assert_uint_eq(metadata_rd(&td, scope, id, 1, &next, &value), TDX_SUCCESS);
    return value;
}

uint64_t wr(uint64_t id, uint64_t value, uint64_t mask)
{
    uint64_t previous = 0;
    enum metadata_scope scope = (enum metadata_scope)(id >> 52 & 7);
    return metadata_wr(&td, scope, id, value, mask, &previous);
}

uint64_t rd_vmcs(uint32_t encoding)
{
    return rd(TDVPS_L2_VMCS(1, encoding));
}

uint64_t wr_vmcs(uint32_t encoding, uint64_t value, uint64_t mask)
{
    return wr(TDVPS_L2_VMCS(1, encoding), value, mask);
}

uint64_t vmcs(uint32_t encoding)
{
    return metadata_vmcs(&td, 1, encoding);
}
