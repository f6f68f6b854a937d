#include "base/status.h"

#include <stddef.h>

static const char *const names[] = {
    [STATUS_OK] = "ok",
    [STATUS_OUTSIDE] = "outside RAM",
    [STATUS_UNMAPPED] = "not mapped",
    [STATUS_TRUNCATED] = "truncated",
    [STATUS_MALFORMED] = "malformed",
    [STATUS_NOT_FOUND] = "not found",
    [STATUS_MISMATCH] = "mismatch",
    [STATUS_AMBIGUOUS] = "ambiguous",
    [STATUS_FULL] = "out of room",
    [STATUS_BUDGET] = "out of budget",
    [STATUS_UNSUPPORTED] = "unsupported",
    [STATUS_STOPPED] = "stopped",
    [STATUS_PAUSED] = "paused",
};

_Static_assert(sizeof names / sizeof *names == STATUS_COUNT, "every status has a name");

const char *status_name(enum status status)
{
    return (unsigned)status < STATUS_COUNT ? names[status] : "unknown";
}

enum status refuse(struct evidence *evidence, enum status status, const char *what, uint64_t at)
{
    if (evidence != NULL)
        *evidence = (struct evidence){.what = what, .at = at};
    return status;
}
