#include "console/virtio_pci.h"

#include "base/checked.h"
#include "tdx/ghci.h"

/* struct virtio_pci_cap, 4.1.4: offsets in configuration space from the capability. */
#define CAP_LENGTH      2U
#define CAP_TYPE        3U
#define CAP_BAR         4U
#define CAP_OFFSET      8U
#define CAP_BYTES       12U
#define CAP_MULTIPLIER  16U
#define CAP_TYPE_COMMON 1U
#define CAP_TYPE_NOTIFY 2U
#define CAP_SIZE        16U
#define CAP_SIZE_NOTIFY 20U

/* struct virtio_pci_common_cfg, 4.1.4.3. */
#define COMMON_DEVICE_FEATURE_SELECT 0x00
#define COMMON_DEVICE_FEATURE        0x04
#define COMMON_DRIVER_FEATURE_SELECT 0x08
#define COMMON_DRIVER_FEATURE        0x0c
#define COMMON_DEVICE_STATUS         0x14
#define COMMON_QUEUE_SELECT          0x16
#define COMMON_QUEUE_SIZE            0x18
#define COMMON_QUEUE_ENABLE          0x1c
#define COMMON_QUEUE_NOTIFY_OFF      0x1e
#define COMMON_QUEUE_DESC            0x20
#define COMMON_QUEUE_DRIVER          0x28
#define COMMON_QUEUE_DEVICE          0x30
#define COMMON_SIZE                  0x38

#define STATUS_ACKNOWLEDGE 1U
#define STATUS_DRIVER      2U
#define STATUS_DRIVER_OK   4U
#define STATUS_FEATURES_OK 8U

#define FEATURES_HIGH 3U /* bits 32, VERSION_1, and 33, ACCESS_PLATFORM */

enum {
    CAPABILITIES_MAX = 16,
    RESET_POLLS = 1000,
    NOTIFY_SIZE = 2
};

static uint32_t cap_read(const struct pci_function *function, uint8_t cap, unsigned offset,
                         unsigned size)
{
    return pci_config_read(function->number, cap + offset, size);
}

/* The structure that a capability points to; false when it is not inside a memory BAR. */
static bool locate(const struct pci_function *function, uint8_t cap, struct gpa *at,
                   uint64_t *length)
{
    uint32_t bar = cap_read(function, cap, CAP_BAR, 1);
    uint32_t offset = cap_read(function, cap, CAP_OFFSET, 4);
    uint32_t bytes = cap_read(function, cap, CAP_BYTES, 4);
    if (bar >= PCI_BARS || function->bars[bar].io ||
        !range_within(offset, bytes, function->bars[bar].size))
        return false;
    *at = gpa_add(function->bars[bar].at, offset);
    *length = bytes;
    return true;
}

struct found {
    struct virtio_pci device;
    bool common;
    bool notify;
};

/* The first structure of a type that fits is the one to use (4.1.4.1). */
static void look_at(const struct pci_function *function, uint8_t cap, struct found *found)
{
    uint32_t type = cap_read(function, cap, CAP_TYPE, 1);
    uint32_t size = cap_read(function, cap, CAP_LENGTH, 1);
    struct gpa at;
    uint64_t length;
    if (!locate(function, cap, &at, &length))
        return;
    if (type == CAP_TYPE_COMMON && !found->common && size >= CAP_SIZE && length >= COMMON_SIZE) {
        found->common = true;
        found->device.common = at;
    }
    if (type == CAP_TYPE_NOTIFY && !found->notify && size >= CAP_SIZE_NOTIFY) {
        found->notify = true;
        found->device.notify = at;
        found->device.notify_length = length;
        found->device.notify_multiplier = cap_read(function, cap, CAP_MULTIPLIER, 4);
    }
}

bool virtio_pci_find(const struct pci_function *function, struct virtio_pci *device)
{
    struct found found = {.common = false};
    uint8_t cap = 0;
    for (unsigned i = 0; i < CAPABILITIES_MAX; i++) {
        cap = pci_capability(function->number, PCI_CAP_VENDOR, cap);
        if (cap == 0)
            break;
        look_at(function, cap, &found);
    }
    if (!found.common || !found.notify)
        return false;
    *device = found.device;
    return true;
}

static bool read_field(const struct virtio_pci *device, unsigned field, unsigned size,
                       uint64_t *value)
{
    return ghci_mmio_read(gpa_add(device->common, field), size, value);
}

static bool write_field(const struct virtio_pci *device, unsigned field, unsigned size,
                        uint64_t value)
{
    return ghci_mmio_write(gpa_add(device->common, field), size, value);
}

/* A device may take its time (4.1.4.3.1, device_status). */
static bool reset(const struct virtio_pci *device)
{
    uint64_t status = 1;
    if (!write_field(device, COMMON_DEVICE_STATUS, 1, 0))
        return false;
    for (unsigned i = 0; i < RESET_POLLS; i++) {
        if (!read_field(device, COMMON_DEVICE_STATUS, 1, &status))
            return false;
        if ((status & 0xff) == 0)
            return true;
    }
    return false;
}

static bool offers(const struct virtio_pci *device)
{
    uint64_t features;
    return write_field(device, COMMON_DEVICE_FEATURE_SELECT, 4, 1) &&
           read_field(device, COMMON_DEVICE_FEATURE, 4, &features) &&
           (features & FEATURES_HIGH) == FEATURES_HIGH;
}

static bool accept_features(const struct virtio_pci *device)
{
    return write_field(device, COMMON_DRIVER_FEATURE_SELECT, 4, 0) &&
           write_field(device, COMMON_DRIVER_FEATURE, 4, 0) &&
           write_field(device, COMMON_DRIVER_FEATURE_SELECT, 4, 1) &&
           write_field(device, COMMON_DRIVER_FEATURE, 4, FEATURES_HIGH);
}

bool virtio_pci_negotiate(const struct virtio_pci *device)
{
    const unsigned started = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
    uint64_t status;
    return reset(device) && write_field(device, COMMON_DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE) &&
           write_field(device, COMMON_DEVICE_STATUS, 1, started) && offers(device) &&
           accept_features(device) &&
           write_field(device, COMMON_DEVICE_STATUS, 1, started | STATUS_FEATURES_OK) &&
           read_field(device, COMMON_DEVICE_STATUS, 1, &status) &&
           (status & STATUS_FEATURES_OK) != 0;
}

/* 64-bit fields are written as two halves (4.1.3.1). */
static bool write_address(const struct virtio_pci *device, unsigned field, struct gpa at)
{
    return write_field(device, field, 4, (uint32_t)at.v) &&
           write_field(device, field + 4, 4, at.v >> 32);
}

bool virtio_pci_queue(const struct virtio_pci *device, const struct virtio_queue_place *place,
                      struct gpa *doorbell)
{
    uint64_t size, offset;
    if (!write_field(device, COMMON_QUEUE_SELECT, 2, place->index) ||
        !read_field(device, COMMON_QUEUE_SIZE, 2, &size) || (size & 0xffff) < place->size ||
        !read_field(device, COMMON_QUEUE_NOTIFY_OFF, 2, &offset))
        return false;
    offset = (offset & 0xffff) * device->notify_multiplier;
    if (!range_within(offset, NOTIFY_SIZE, device->notify_length))
        return false;
    if (!write_field(device, COMMON_QUEUE_SIZE, 2, place->size) ||
        !write_address(device, COMMON_QUEUE_DESC, place->descriptors) ||
        !write_address(device, COMMON_QUEUE_DRIVER, place->driver_area) ||
        !write_address(device, COMMON_QUEUE_DEVICE, place->device_area) ||
        !write_field(device, COMMON_QUEUE_ENABLE, 2, 1))
        return false;
    *doorbell = gpa_add(device->notify, offset);
    return true;
}

bool virtio_pci_go(const struct virtio_pci *device)
{
    return write_field(device, COMMON_DEVICE_STATUS, 1,
                       STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
}
