/*
 * PCI configuration space as L2 sees it, through ports CF8H/CFCH and through ECAM: bus 0, without
 * the device that svsm keeps for itself.
 */
#ifndef SVSM_EXITS_CONFIG_SPACE_H
#define SVSM_EXITS_CONFIG_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/* The address register is L2's own copy: svsm uses the host's. */
bool config_space_port(uint16_t port, unsigned size);
uint32_t config_space_in(uint16_t port, unsigned size);
void config_space_out(uint16_t port, unsigned size, uint32_t value);

/* Whether an ECAM access reaches a function that L2 has; others read as ones. */
bool config_space_ecam_allowed(struct gpa at);

#endif
