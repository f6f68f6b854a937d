/* Loads the TD image of fw_cfg (FW_CFG_FILE_TD_IMAGE) as its TDVF metadata say (host/tdvf.h). */
#ifndef HOST_TD_IMAGE_H
#define HOST_TD_IMAGE_H

#include <stdint.h>

#include "host/machine.h"

/* An image ends at GPA 4 GiB and is at most this large, in bytes. */
#define TD_IMAGE_MAX 0x400000U

/*
 * Adds the image's pages to the TD (module/pages.h), fills them, and writes the TD HOB where the
 * image asks for one. BFV and CFV must lie in the TD_IMAGE_MAX bytes below 4 GiB, the other
 * sections in the TD's RAM. Returns the GPA of the TD HOB, which each vCPU finds in RCX and R8 when
 * it starts, or 0 when there is none. A bad image is refused in one line before any page is added.
 */
uint64_t td_image_load(const struct machine *machine);

#endif
