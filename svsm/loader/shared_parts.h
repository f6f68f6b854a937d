/* Who uses which part of the memory that svsm shares with the host (mem/memory.h). */
#ifndef SVSM_LOADER_SHARED_PARTS_H
#define SVSM_LOADER_SHARED_PARTS_H

enum {
    SHARED_FW_CFG = 0, /* descriptor, then bounce buffer */
    SHARED_FW_CFG_SIZE = 0x8000,
    SHARED_CHANNEL = 0x8000, /* virtqueue, then output */
    SHARED_CHANNEL_SIZE = 0x8000
};

#endif
