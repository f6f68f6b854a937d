/* XCR0 values that a TD may load. Source: SDM volume 1, 13.3; TDCS.XFAM. */
#ifndef MODULE_XCR0_H
#define MODULE_XCR0_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/tdx_fields.h"
#include "module/metadata.h"

#define XCR0_X87 1ULL
#define XCR0_SSE 2ULL
#define XCR0_AVX 4ULL

static inline bool xcr0_valid(const struct metadata *metadata, uint64_t value)
{
    if (!(value & XCR0_X87) || (value & XCR0_AVX && !(value & XCR0_SSE)))
        return false;
    return !(value & ~metadata_value(metadata, TDCS_XFAM));
}

#endif
