/* One CSV field (RFC 4180), apart from the stream so that it can be tested. */
#ifndef CLI_ROWS_CSV_H
#define CLI_ROWS_CSV_H

#include "text.h"

/* Adds `field`, in quotes when it contains a comma, a quote, a line end or an outer space. */
void csv_field(struct text *text, const char *field);

#endif
