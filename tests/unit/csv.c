#include "csv.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

FILE *csv_open(const char *variable)
{
    const char *path = getenv(variable);
    ck_assert_msg(path != NULL, "%s names no file", variable);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    struct csv_row heading;
    ck_assert(csv_next(file, &heading));
    return file;
}

bool csv_next(FILE *file, struct csv_row *row)
{
    do {
        if (fgets(row->line, sizeof(row->line), file) == NULL)
            return false;
    } while (row->line[0] == '#');
    row->line[strcspn(row->line, "\r\n")] = '\0';
    row->columns = 0;
    char *rest = row->line;
    while (rest != NULL) {
        ck_assert_uint_lt(row->columns, CSV_COLUMNS);
        row->column[row->columns++] = strsep(&rest, ",");
    }
    return true;
}

uint64_t csv_number(const struct csv_row *row, unsigned column)
{
    ck_assert_uint_lt(column, row->columns);
    char *end = NULL;
    uint64_t number = strtoull(row->column[column], &end, 0);
    ck_assert_msg(end != row->column[column] && *end == '\0', "not a number: %s",
                  row->column[column]);
    return number;
}
