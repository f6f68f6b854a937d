/* Arithmetic on numbers from outside: each result is refused when it does not fit. */
#ifndef BASE_CHECKED_H
#define BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

MUST_CHECK static inline bool checked_add(uint64_t a, uint64_t b, uint64_t *sum)
{
    uint64_t result;
    if (__builtin_add_overflow(a, b, &result))
        return false;
    *sum = result;
    return true;
}

MUST_CHECK static inline bool checked_mul(uint64_t a, uint64_t b, uint64_t *product)
{
    uint64_t result;
    if (__builtin_mul_overflow(a, b, &result))
        return false;
    *product = result;
    return true;
}

/* Whether [at, at + length) lies in [0, size). */
static inline bool range_within(uint64_t at, uint64_t length, uint64_t size)
{
    return at <= size && length <= size - at;
}

#endif
