/* A line of svsm's that tells of a flow (svsm/track/events.h), as the record it was made of. */
#ifndef CLI_RUN_FLOW_H
#define CLI_RUN_FLOW_H

#include <json-c/json.h>

#include "base/record/flow.h"
#include "base/status.h"

/*
 * Times are nanoseconds since svsm's start. False, and `flow` untouched: it is of no action that
 * there is, lacks its number or its time, or has an end that is no address with a port. What else
 * is missing, too large or of another type is not known. Names are bytes as the guest has them.
 */
MUST_CHECK bool run_flow_parse(struct json_object *object, struct flow_record *flow);

#endif
