/* Virtual interrupts into a world: injected now, or as soon as the guest can take them. */
#ifndef MODULE_INJECT_H
#define MODULE_INJECT_H

#include <stdbool.h>

#include "module/vapic.h"
#include "svm/world.h"

/*
 * To be called before VMRUN. Delivers what `vapic` (NULL: no virtual-interrupt delivery) has
 * pending when the guest can take it and nothing else goes in; otherwise, or for `window`, an exit
 * 7 is armed.
 */
void inject_prepare(struct world *world, struct vapic *vapic, bool window);

#endif
