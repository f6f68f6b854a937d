/* The TD's memory: private pages, image pages below 4 GiB, and shared pages, all apart. */
#include "module/pages.h"

#include <string.h>

#include "base/checked.h"
#include "fake/devices.h"
#include "host/physical.h"

#define FOUR_GIB 0x100000000ULL
#define RAM_MAX  (16U << 20)
#define IMAGE    (4U << 20)

static unsigned char private_ram[RAM_MAX], shared_ram[RAM_MAX], image[IMAGE];
static uint64_t low, high, added;
static struct fake_device_access device;

void pages_reset(void)
{
    memset(private_ram, 0xa5, sizeof private_ram);
    memset(shared_ram, 0x5a, sizeof shared_ram);
    memset(image, 0xa5, sizeof image);
    memset(&device, 0, sizeof device);
    low = high = added = 0;
}

void fake_td_ram(uint64_t below, uint64_t above)
{
    low = below;
    high = above;
}

uint64_t fake_added(void)
{
    return added;
}

/* Index of a range of RAM; UINT64_MAX when it is not wholly RAM. */
static uint64_t ram_index(uint64_t gpa, uint64_t length)
{
    if (range_within(gpa, length, low))
        return gpa;
    if (gpa >= FOUR_GIB && range_within(gpa - FOUR_GIB, length, high))
        return low + gpa - FOUR_GIB;
    return UINT64_MAX;
}

bool pages_is_ram(uint64_t gpa, uint64_t length)
{
    return ram_index(gpa, length) != UINT64_MAX;
}

void *pages_private(uint64_t gpa, uint64_t length)
{
    if (pages_is_ram(gpa, length))
        return private_ram + ram_index(gpa, length);
    if (gpa >= FOUR_GIB - IMAGE && range_within(gpa - (FOUR_GIB - IMAGE), length, IMAGE))
        return image + (gpa - (FOUR_GIB - IMAGE));
    return NULL;
}

bool pages_add(uint64_t gpa, uint64_t size)
{
    if (pages_private(gpa, size) == NULL)
        return false;
    added += size;
    return true;
}

void *physical_shared(uint64_t gpa, uint64_t length)
{
    return pages_is_ram(gpa, length) ? shared_ram + ram_index(gpa, length) : NULL;
}

unsigned char *fake_shared(uint64_t gpa)
{
    return physical_shared(gpa, 1);
}

uint64_t physical_device_read(uint64_t hpa, unsigned size)
{
    device = (struct fake_device_access){hpa, 0, size, device.count + 1};
    return 0x1122334455667788ULL >> (64 - 8 * size);
}

void physical_device_write(uint64_t hpa, unsigned size, uint64_t value)
{
    device = (struct fake_device_access){hpa, value, size, device.count + 1};
}

struct fake_device_access fake_last_device_access(void)
{
    return device;
}
