#include "fake_console.h"

#include <string.h>

#include "base/bytes.h"
#include "fake/host.h"
#include "mem/memory.h"
#include "pci/pci.h"

#define BAR_SIZE      0x4000
#define COMMON        0x0000
#define NOTIFY        0x3000
#define NOTIFY_LENGTH 0x100
#define MULTIPLIER    4

struct fake_console fake_console;

static unsigned char *shared_at(uint64_t at)
{
    return memory_shared()->bytes + (at - memory_shared()->at.v);
}

static uint64_t field(unsigned offset)
{
    return load_le64(fake_console.common + offset);
}

static void use(uint16_t id)
{
    const unsigned char *descriptor = shared_at(field(0x20)) + 16 * (size_t)id;
    unsigned char *ring = shared_at(field(0x30));
    uint32_t length = load_le32(descriptor + 8);
    uint32_t element[2] = {id + fake_console.used_id, 0};

    memcpy(fake_console.text + fake_console.length, shared_at(load_le64(descriptor)), length);
    fake_console.length += length;
    uint16_t size = (uint16_t)field(0x18);
    memcpy(ring + 4 + 8 * (size_t)(fake_console.used % size), element, sizeof element);
    fake_console.used++;
    uint16_t index = (uint16_t)(fake_console.used + fake_console.used_skip);
    memcpy(ring + 2, &index, sizeof index);
}

void fake_console_run(void)
{
    const unsigned char *ring = shared_at(field(0x28));
    uint16_t size = (uint16_t)field(0x18);
    uint16_t index = load_le16(ring + 2);
    uint16_t count = (uint16_t)(index - fake_console.taken);
    for (uint16_t i = 0; i < count; i++) {
        uint16_t which =
            (uint16_t)(fake_console.backwards ? index - 1 - i : fake_console.taken + i);
        use(load_le16(ring + 4 + 2 * (size_t)(which % size)));
    }
    fake_console.taken = index;
}

static uint64_t read_common(unsigned offset, unsigned size)
{
    uint32_t select = load_le32(fake_console.common);
    uint64_t value = 0;
    memcpy(&value, fake_console.common + offset, size);
    if (offset == 0x04)
        return select == 1 ? fake_console.features_high : UINT32_MAX;
    if (offset == 0x18)
        return fake_console.queue_max;
    if (offset == 0x1e)
        return fake_console.notify_off;
    return value;
}

static void write_common(unsigned offset, unsigned size, uint64_t value)
{
    if (offset == 0x14 && value == 0 && fake_console.never_resets)
        value = 0x80;
    if (offset == 0x14 && fake_console.refuses_features)
        value &= ~8ULL;
    memcpy(fake_console.common + offset, &value, size);
    if (offset == 0x0c)
        fake_console.driver_features[load_le32(fake_console.common + 8) & 1] = (uint32_t)value;
}

static bool mmio(struct gpa at, unsigned size, bool write, uint64_t *value)
{
    uint64_t offset = at.v - PCI_OWN_WINDOW;
    if (offset + size <= COMMON + sizeof fake_console.common) {
        if (write)
            write_common((unsigned)offset, size, *value);
        else
            *value = read_common((unsigned)offset, size);
        return true;
    }
    if (!write || offset != NOTIFY + MULTIPLIER * (uint64_t)fake_console.notify_off)
        return true;
    if (fake_console.refuses_doorbell)
        return false;
    fake_console.doorbells++;
    if (!fake_console.idle)
        fake_console_run();
    return true;
}

static void add_cap(uint8_t at, uint8_t type, uint32_t offset, uint32_t length)
{
    struct fake_function *function = fake_console.function;
    fake_config_set(function, at,
                    0x09U | (uint32_t)function->config[0x34] << 8 | 20U << 16 |
                        (uint32_t)type << 24);
    fake_config_set(function, at + 4U, 4);
    fake_config_set(function, at + 8U, offset);
    fake_config_set(function, at + 12U, length);
    fake_config_set(function, at + 16U, MULTIPLIER);
    function->config[0x34] = at;
}

void fake_console_add(void)
{
    memset(&fake_console, 0, sizeof fake_console);
    fake_console.features_high = 0x3 | 0x70;
    fake_console.queue_max = 64;
    fake_console.notify_off = 1;
    fake_console.common[0x14] = 7;
    fake_console.function = fake_function(PCI_OWN_FUNCTION, 0x1af4, 0x1043);
    fake_console.function->config[6] = 0x10;
    fake_bar(fake_console.function, 4, BAR_SIZE, 0xc);
    add_cap(0x40, 2, NOTIFY, NOTIFY_LENGTH);
    add_cap(0x54, 1, COMMON, 0x38);
    add_cap(0x68, 5, 0, 0);
    fake_host.mmio = mmio;
}
