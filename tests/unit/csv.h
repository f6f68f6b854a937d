/* Reading the tables of abi/spec: lines of words between commas, comments after #. */
#ifndef UNIT_CSV_H
#define UNIT_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CSV_COLUMNS 16

struct csv_row {
    char line[512];
    char *column[CSV_COLUMNS];
    unsigned columns;
};

/* Opens the file that the environment variable names; ends the test when there is none. */
FILE *csv_open(const char *variable);

/* The next row that is neither a comment nor the heading (the first row); false at the end. */
bool csv_next(FILE *file, struct csv_row *row);

/* A column that holds a number, decimal or 0x; ends the test when it does not. */
uint64_t csv_number(const struct csv_row *row, unsigned column);

#endif
