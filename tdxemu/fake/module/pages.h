#ifndef MODULE_PAGES_H
#define MODULE_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define GPA_SHARED_BIT (1ULL << 47)

void *pages_private(uint64_t gpa, uint64_t length);
MUST_CHECK bool pages_add(uint64_t gpa, uint64_t size);
bool pages_is_ram(uint64_t gpa, uint64_t length);

#endif
