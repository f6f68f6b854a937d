#include "scan_options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "errors.h"
#include "raw_map.h"
#include "text.h"

enum long_option {
    OPTION_FORMAT = 256,
    OPTION_OUTPUT,
    OPTION_NO_COLOR,
    OPTION_BELOW_4G,
    OPTION_NO_OWNERS,
    OPTION_COUNTERS
};

static const struct option long_options[] = {
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"no-color", no_argument, NULL, OPTION_NO_COLOR},
    {"below-4g", required_argument, NULL, OPTION_BELOW_4G},
    {"no-owners", no_argument, NULL, OPTION_NO_OWNERS},
    {"counters", no_argument, NULL, OPTION_COUNTERS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "Usage: tdx-tracker scan [OPTION]... MEMORY\n"
    "Lists all TCP sockets of the Linux guest whose RAM is in MEMORY: the RAM file of a running\n"
    "QEMU guest, a copy of one, an ELF core of QEMU's dump-guest-memory, or a LiME dump.\n"
    "The guest needs no agent, and no debug symbols are needed. MEMORY is only read.\n"
    "\n"
    "      --format FORMAT   table (default), json (one object a line) or csv\n"
    "      --output FILE     write to FILE; it appears, or is replaced, only when complete\n"
    "      --no-color        no colors, even on a terminal; NO_COLOR does the same\n"
    "      --no-owners       do not look up processes\n"
    "      --counters        also the TCP counters of every network namespace (not in csv)\n"
    "      --below-4g SIZE   MEMORY is raw RAM, SIZE of it below 4 GiB (2G, 3072M, 0xb0000000);\n"
    "                        found by itself for QEMU's machines q35 and pc\n"
    "  -h, --help            this text\n"
    "\n"
    "A guest that can be scanned while it runs keeps its RAM in a shared file:\n"
    "  qemu-system-x86_64 -m 2G \\\n"
    "    -object memory-backend-file,id=ram,size=2G,mem-path=/dev/shm/vm.ram,share=on \\\n"
    "    -machine q35,memory-backend=ram ...\n"
    "\n"
    "Examples:\n"
    "  tdx-tracker scan /dev/shm/vm.ram\n"
    "  tdx-tracker scan --format json /dev/shm/vm.ram | jq 'select(.\"destination.port\" == 443)'\n"
    "  tdx-tracker scan --format csv --output sockets.csv guest.core\n"
    "\n"
    "Exit status: 0 done, also when there is nothing to list; 2 usage; 3 MEMORY is unusable;\n"
    "4 the environment lacks something; 130 interrupted.\n";

const char *scan_options_help(void)
{
    return help;
}

static enum outcome parse_format(const char *name, enum scan_format *format)
{
    static const char *const names[] = {
        [SCAN_TABLE] = "table",
        [SCAN_JSON] = "json",
        [SCAN_CSV] = "csv",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *format = (enum scan_format)i;
            return OUTCOME_DONE;
        }
    return complain(OUTCOME_USAGE, name, "unknown format: give table, json or csv");
}

static enum outcome parse_below_4g(const char *size, uint64_t *below_4g)
{
    if (!text_to_size(size, below_4g) || *below_4g > RAW_MAP_4G || *below_4g % 4096 != 0)
        return complain(OUTCOME_USAGE, size,
                        "not a size below 4 GiB in whole pages: give 2G, 3072M or 0xb0000000");
    return OUTCOME_DONE;
}

static enum outcome refuse_option(int code, char **argv)
{
    const char *option = argv[optind - 1];
    const char *advice = "see 'tdx-tracker scan --help'";

    if (code == ':')
        return complain(OUTCOME_USAGE, option, "needs an argument: %s", advice);
    return complain(OUTCOME_USAGE, option, "not an option of scan: %s", advice);
}

static enum outcome apply(int code, char **argv, struct scan_options *options)
{
    switch (code) {
    case OPTION_FORMAT:
        return parse_format(optarg, &options->format);
    case OPTION_OUTPUT:
        options->output = optarg;
        return OUTCOME_DONE;
    case OPTION_NO_COLOR:
        options->no_color = true;
        return OUTCOME_DONE;
    case OPTION_BELOW_4G:
        return parse_below_4g(optarg, &options->below_4g);
    case OPTION_NO_OWNERS:
        options->no_owners = true;
        return OUTCOME_DONE;
    case OPTION_COUNTERS:
        options->counters = true;
        return OUTCOME_DONE;
    case 'h':
        options->help = true;
        return OUTCOME_DONE;
    default:
        return refuse_option(code, argv);
    }
}

static enum outcome check(int argc, char **argv, struct scan_options *options)
{
    if (options->help)
        return OUTCOME_DONE;
    if (optind == argc)
        return complain(OUTCOME_USAGE, "scan", "no MEMORY given: see 'tdx-tracker scan --help'");
    if (argc - optind > 1)
        return complain(OUTCOME_USAGE, argv[optind + 1], "one MEMORY at a time: scan each alone");
    if (options->counters && options->format == SCAN_CSV)
        return complain(OUTCOME_USAGE, "--counters", "has no place in csv: use json or table");
    options->memory = argv[optind];
    return OUTCOME_DONE;
}

enum outcome scan_options_parse(int argc, char **argv, struct scan_options *options)
{
    int code;

    *options = (struct scan_options){.format = SCAN_TABLE};
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        enum outcome outcome = apply(code, argv, options);
        if (outcome != OUTCOME_DONE)
            return outcome;
    }
    return check(argc, argv, options);
}
