#include "console/channel.h"

#include "base/bytes.h"
#include "console/virtio_pci.h"
#include "console/virtqueue.h"
#include "loader/shared_parts.h"
#include "mem/memory.h"
#include "tdx/ghci.h"

enum {
    TRANSMIT_QUEUE = 1, /* of port 0 (Virtio 1.1, 5.3.2) */
    DATA = 4096,        /* offset of the batches in the shared part */
    BATCH_SIZE = (SHARED_CHANNEL_SIZE - DATA) / VIRTQUEUE_SIZE,
    POLLS_MAX = 1 << 20
};

_Static_assert(sizeof(struct virtqueue) <= DATA, "queue and batches do not overlap");

/* What svsm believes of the queue is here, in its own memory: the shared copy is only written. */
static struct {
    bool working;
    bool stuck; /* the device let a wait run out, and has done nothing since */
    struct gpa doorbell;
    uint16_t sent;                 /* chains made available */
    uint16_t seen;                 /* used entries looked at */
    uint32_t away[VIRTQUEUE_SIZE]; /* bytes of the batch that are with the device; 0: none */
    unsigned batch;                /* being filled */
    uint32_t filled;
    uint64_t lost;
} channel;

static struct virtqueue *queue(void)
{
    void *at = memory_shared()->bytes + SHARED_CHANNEL;
    return at;
}

static struct gpa shared_at(uint64_t offset)
{
    return gpa_add(memory_shared()->at, SHARED_CHANNEL + offset);
}

static uint64_t batch_offset(unsigned batch)
{
    return DATA + (uint64_t)batch * BATCH_SIZE;
}

/* The device does what no device may: nothing more goes there, and what it holds counts as lost. */
static void give_up(void)
{
    channel.working = false;
    channel.lost += channel.filled;
    channel.filled = 0;
    for (unsigned batch = 0; batch < VIRTQUEUE_SIZE; batch++) {
        channel.lost += channel.away[batch];
        channel.away[batch] = 0;
    }
}

/* Takes back what the device says that it has used. */
static void collect(void)
{
    uint16_t used = __atomic_load_n(&queue()->used.index, __ATOMIC_ACQUIRE);
    if ((uint16_t)(used - channel.seen) > (uint16_t)(channel.sent - channel.seen)) {
        give_up();
        return;
    }
    for (; channel.seen != used; channel.seen++) {
        const volatile struct virtqueue_used *entry =
            &queue()->used.ring[channel.seen % VIRTQUEUE_SIZE];
        uint32_t id = entry->id;
        if (id >= VIRTQUEUE_SIZE || channel.away[id] == 0) {
            give_up();
            return;
        }
        channel.away[id] = 0;
        channel.stuck = false;
    }
}

/* Waits until the batch is svsm's again; false: not within bounds, or the device talks nonsense. */
static bool wait_for(unsigned batch)
{
    unsigned polls = channel.stuck ? 1 : POLLS_MAX;
    for (unsigned i = 0; i < polls && channel.working; i++) {
        collect();
        if (channel.working && channel.away[batch] == 0)
            return true;
    }
    channel.stuck = true;
    return false;
}

static bool offer(unsigned batch, uint32_t length)
{
    struct virtqueue *shared = queue();
    shared->descriptors[batch] = (struct virtqueue_descriptor){
        .address = shared_at(batch_offset(batch)).v, .length = length};
    shared->available.ring[channel.sent % VIRTQUEUE_SIZE] = (uint16_t)batch;
    channel.sent++;
    channel.away[batch] = length;
    __atomic_store_n(&shared->available.index, channel.sent, __ATOMIC_RELEASE);
    return ghci_mmio_write(channel.doorbell, 2, TRANSMIT_QUEUE);
}

bool channel_init(void)
{
    struct virtio_pci device;
    const struct pci_function *function = pci_own_function();
    const struct virtio_queue_place place = {
        .index = TRANSMIT_QUEUE,
        .size = VIRTQUEUE_SIZE,
        .descriptors = shared_at(offsetof(struct virtqueue, descriptors)),
        .driver_area = shared_at(offsetof(struct virtqueue, available)),
        .device_area = shared_at(offsetof(struct virtqueue, used)),
    };
    bytes_zero(&channel, sizeof channel);
    bytes_zero(queue(), sizeof(struct virtqueue));
    queue()->available.flags = VIRTQUEUE_NO_INTERRUPT;
    channel.working = function != NULL && function->vendor == VIRTIO_VENDOR &&
                      function->device == VIRTIO_DEVICE_CONSOLE &&
                      virtio_pci_find(function, &device) && virtio_pci_negotiate(&device) &&
                      virtio_pci_queue(&device, &place, &channel.doorbell) &&
                      virtio_pci_go(&device);
    return channel.working;
}

/* The next batch in turn is the one that has been with the device for longest. */
void channel_flush(void)
{
    if (!channel.working || channel.filled == 0)
        return;
    uint32_t length = channel.filled;
    channel.filled = 0;
    if (!offer(channel.batch, length))
        give_up();
    channel.batch = (channel.batch + 1) % VIRTQUEUE_SIZE;
}

/* Room in the batch being filled; 0: there is none to be had. */
static size_t room(void)
{
    if (channel.filled == BATCH_SIZE)
        channel_flush();
    if (!channel.working || !wait_for(channel.batch))
        return 0;
    return BATCH_SIZE - channel.filled;
}

void channel_write(const char *bytes, size_t length)
{
    while (length != 0) {
        size_t part = room();
        if (part == 0) {
            channel.lost += length;
            return;
        }
        part = part < length ? part : length;
        bytes_copy(memory_shared()->bytes + SHARED_CHANNEL + batch_offset(channel.batch) +
                       channel.filled,
                   bytes, part);
        channel.filled += (uint32_t)part;
        bytes += part;
        length -= part;
    }
}

void channel_finish(void)
{
    channel_flush();
    for (unsigned batch = 0; batch < VIRTQUEUE_SIZE; batch++)
        if (channel.working && !wait_for(batch))
            give_up();
}

uint64_t channel_lost(void)
{
    return channel.lost;
}
