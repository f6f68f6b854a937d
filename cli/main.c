/* Entry point: finds the command by its name and hands over. */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "errors.h"
#include "output.h"

#define VERSION "0.1.0"

struct command {
    const char *name;
    const char *purpose;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"scan", "list the TCP sockets in a RAM file or dump, once", scan_command},
    {"run", "boot a kernel in an emulated TD and list its connections", run_command},
};

enum {
    COMMAND_COUNT = sizeof commands / sizeof commands[0]
};

static int help(void)
{
    puts("Usage: tdx-tracker COMMAND [OPTION]... [ARGUMENT]...\n"
         "Reads a Linux guest's TCP connections out of its memory.\n"
         "\n"
         "Commands:");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-8s %s\n", commands[i].name, commands[i].purpose);
    puts("\n"
         "  tdx-tracker COMMAND --help   options and examples of a command\n"
         "  tdx-tracker --version        version\n"
         "\n"
         "Exit status: 0 done, 2 usage, 3 unusable input, 4 environment, 130 interrupted.");
    return output_finish_stdout();
}

static int version(void)
{
    puts("tdx-tracker " VERSION);
    return output_finish_stdout();
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    if (argc < 2)
        return (int)complain(OUTCOME_USAGE, "no command given", "see 'tdx-tracker --help'");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help();
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        return version();
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return (int)complain(OUTCOME_USAGE, argv[1], "unknown command: see 'tdx-tracker --help'");
}
