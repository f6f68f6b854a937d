/* How the files of this folder share the ports. */
#ifndef FAKE_DEVICES_H
#define FAKE_DEVICES_H

#include "fake/fake.h"

void fw_cfg_reset(void);
void fw_cfg_out(uint16_t port, unsigned size, uint32_t value);
uint32_t fw_cfg_in(uint16_t port, unsigned size);

void pages_reset(void);
void log_reset(void);

#endif
