/* The namespaces, processes and sockets of a scenario; used by scenario.c. */
#ifndef IMAGE_POPULATION_H
#define IMAGE_POPULATION_H

#include "scenario.h"

void population_networks(struct scenario *scenario);
void population_sockets(struct scenario *scenario);

#endif
