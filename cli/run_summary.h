/* The last word on a run: a table of one row, or a JSON object. */
#ifndef CLI_RUN_SUMMARY_H
#define CLI_RUN_SUMMARY_H

#include <stdio.h>

#include "run_options.h"
#include "run_report.h"

/* False: it cannot be written, or there is no memory. What is not known is "-", or absent. */
MUST_CHECK bool run_summary_table(FILE *stream, const struct run_options *options,
                                  const struct run_report *report);
MUST_CHECK bool run_summary_json(FILE *stream, const struct run_options *options,
                                 const struct run_report *report, bool interrupted);

/* One line for each thing that did not arrive or add up; nothing when all is well. */
void run_summary_warn(const struct run_report *report);

#endif
