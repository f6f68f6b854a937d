#include "host/physical.h"

#include <stddef.h>

#include "boot/memory.h"
#include "module/pages.h"

void *physical_shared(uint64_t gpa, uint64_t length)
{
    return pages_is_ram(gpa, length) ? memory_at(gpa) : NULL;
}

uint64_t physical_device_read(uint64_t hpa, unsigned size)
{
    volatile void *at = memory_at(hpa);

    switch (size) {
    case 1:
        return *(const volatile uint8_t *)at;
    case 2:
        return *(const volatile uint16_t *)at;
    case 4:
        return *(const volatile uint32_t *)at;
    default:
        return *(const volatile uint64_t *)at;
    }
}

void physical_device_write(uint64_t hpa, unsigned size, uint64_t value)
{
    volatile void *at = memory_at(hpa);

    switch (size) {
    case 1:
        *(volatile uint8_t *)at = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)at = (uint16_t)value;
        break;
    case 4:
        *(volatile uint32_t *)at = (uint32_t)value;
        break;
    default:
        *(volatile uint64_t *)at = value;
        break;
    }
}
