#include "run_options.h"

#include <getopt.h>
#include <string.h>

#include "abi/config.h"
#include "base/cursor.h"
#include "errors.h"
#include "text.h"

enum long_option {
    OPTION_KERNEL = 256,
    OPTION_INITRD,
    OPTION_APPEND,
    OPTION_MEMORY,
    OPTION_PERIOD,
    OPTION_TRACK,
    OPTION_NETWORK,
    OPTION_LIVE,
    OPTION_FORMAT,
    OPTION_LOGS,
    OPTION_QEMU_ARG
};

static const struct option long_options[] = {
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"initrd", required_argument, NULL, OPTION_INITRD},
    {"append", required_argument, NULL, OPTION_APPEND},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"period", required_argument, NULL, OPTION_PERIOD},
    {"track", required_argument, NULL, OPTION_TRACK},
    {"network", required_argument, NULL, OPTION_NETWORK},
    {"live", no_argument, NULL, OPTION_LIVE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"logs", required_argument, NULL, OPTION_LOGS},
    {"qemu-arg", required_argument, NULL, OPTION_QEMU_ARG},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

#define MEMORY_MIB_DEFAULT 1024U
#define MEMORY_MIB_MIN     256U
#define MEMORY_MIB_MAX     (64U << 10)

static const char help[] =
    "Usage: tdx-tracker run --kernel FILE [OPTION]...\n"
    "Boots a stock Linux kernel in a trust domain (TD) under svsm, which lists the kernel's TCP\n"
    "connections from inside the TD. TDX itself is emulated (tdxemu in QEMU): no TDX hardware is\n"
    "needed, and none is used.\n"
    "\n"
    "      --kernel FILE     bzImage with CONFIG_INTEL_TDX_GUEST (Debian 12: 6.12 of backports)\n"
    "      --initrd FILE     initramfs\n"
    "      --append TEXT     kernel command line (console=hvc0)\n"
    "      --memory SIZE     memory of the TD: 256M to 64G (1G)\n"
    "      --period TIME     between two scans: 100us to 60m (100ms)\n"
    "      --track on|off    off: the same machine, but nothing is looked at (on)\n"
    "      --network WHICH   user: QEMU's user network (10.0.2.15, the host is 10.0.2.2); none\n"
    "      --live            on a terminal, the list of connections instead of the console\n"
    "      --format FORMAT   table (default), or json: events and summary, one object a line\n"
    "      --logs DIR        keep svsm.log, tdxemu.log, console.log and qemu.log in DIR\n"
    "      --qemu-arg ARG    one more argument for QEMU; may be given again\n"
    "  -h, --help            this text\n"
    "\n"
    "On a terminal the console of the kernel is shown and takes what is typed; Ctrl-C ends the\n"
    "machine. To a pipe, each event is a line. The summary comes last.\n"
    "\n"
    "Examples:\n"
    "  tdx-tracker run --kernel vmlinuz --initrd initrd.img --append 'console=hvc0 quiet'\n"
    "  tdx-tracker run --kernel vmlinuz --initrd initrd.img --live --period 10ms\n"
    "  tdx-tracker run --kernel vmlinuz --initrd initrd.img --format json >events\n"
    "\n"
    "Exit status: 0 the machine powered off; 2 usage; 3 kernel or initrd is unusable; 4 the\n"
    "environment lacks something; 130 interrupted.\n";

const char *run_options_help(void)
{
    return help;
}

bool run_period(const char *text, uint64_t *us)
{
    static const struct {
        const char *name;
        uint32_t us;
    } units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}};
    size_t digits = strspn(text, "0123456789");
    uint64_t value;

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(text + digits, units[i].name) == 0 &&
            text_to_u64(text, digits, 10, UINT64_MAX / units[i].us, &value)) {
            *us = value * units[i].us;
            return true;
        }
    return false;
}

static enum outcome parse_period(const char *text, uint32_t *period_us)
{
    uint64_t us;

    if (!run_period(text, &us))
        return complain(OUTCOME_USAGE, text, "not a period: give 500us, 100ms or 1s");
    if (us < CONFIG_PERIOD_US_MIN || us > CONFIG_PERIOD_US_MAX)
        return complain(OUTCOME_USAGE, text, "period out of range: give 100us to 60m");
    *period_us = (uint32_t)us;
    return OUTCOME_DONE;
}

static enum outcome parse_memory(const char *text, uint64_t *mib)
{
    uint64_t bytes;

    if (!text_to_size(text, &bytes) || bytes % (1 << 20) != 0)
        return complain(OUTCOME_USAGE, text, "not a size in whole MiB: give 512M or 2G");
    if (bytes >> 20 < MEMORY_MIB_MIN)
        return complain(OUTCOME_USAGE, text, "too little memory: give 256M or more");
    if (bytes >> 20 > MEMORY_MIB_MAX)
        return complain(OUTCOME_USAGE, text, "too much memory: give 64G or less");
    *mib = bytes >> 20;
    return OUTCOME_DONE;
}

/* Finds `name` among two words; `second` is whether it is the second. */
static bool one_of(const char *name, const char *a, const char *b, bool *second)
{
    *second = strcmp(name, b) == 0;
    return *second || strcmp(name, a) == 0;
}

static enum outcome parse_format(const char *name, enum run_format *format)
{
    bool json;

    if (!one_of(name, "table", "json", &json))
        return complain(OUTCOME_USAGE, name, "unknown format: give table or json");
    *format = json ? RUN_JSON : RUN_TABLE;
    return OUTCOME_DONE;
}

static enum outcome parse_track(const char *word, bool *track)
{
    if (!one_of(word, "off", "on", track))
        return complain(OUTCOME_USAGE, word, "--track is on or off");
    return OUTCOME_DONE;
}

static enum outcome parse_network(const char *word, bool *network)
{
    if (!one_of(word, "none", "user", network))
        return complain(OUTCOME_USAGE, word, "--network is user or none");
    return OUTCOME_DONE;
}

static enum outcome add_extra(const char *argument, struct run_options *options)
{
    if (options->extra_count == RUN_EXTRA_MAX)
        return complain(OUTCOME_USAGE, "--qemu-arg", "at most %d of them", RUN_EXTRA_MAX);
    options->extra[options->extra_count++] = argument;
    return OUTCOME_DONE;
}

static enum outcome refuse_option(int code, char **argv)
{
    const char *option = argv[optind - 1];
    const char *advice = "see 'tdx-tracker run --help'";

    if (code == ':')
        return complain(OUTCOME_USAGE, option, "needs an argument: %s", advice);
    return complain(OUTCOME_USAGE, option, "not an option of run: %s", advice);
}

/* Options that take a value which has to be understood. */
static enum outcome apply_value(int code, char **argv, struct run_options *options)
{
    switch (code) {
    case OPTION_MEMORY:
        return parse_memory(optarg, &options->memory_mib);
    case OPTION_PERIOD:
        return parse_period(optarg, &options->period_us);
    case OPTION_TRACK:
        return parse_track(optarg, &options->track);
    case OPTION_NETWORK:
        return parse_network(optarg, &options->network);
    case OPTION_FORMAT:
        return parse_format(optarg, &options->format);
    case OPTION_QEMU_ARG:
        return add_extra(optarg, options);
    default:
        return refuse_option(code, argv);
    }
}

static enum outcome apply(int code, char **argv, struct run_options *options)
{
    switch (code) {
    case OPTION_KERNEL:
        options->kernel = optarg;
        return OUTCOME_DONE;
    case OPTION_INITRD:
        options->initrd = optarg;
        return OUTCOME_DONE;
    case OPTION_APPEND:
        options->append = optarg;
        return OUTCOME_DONE;
    case OPTION_LOGS:
        options->logs = optarg;
        return OUTCOME_DONE;
    case OPTION_LIVE:
        options->live = true;
        return OUTCOME_DONE;
    case 'h':
        options->help = true;
        return OUTCOME_DONE;
    default:
        return apply_value(code, argv, options);
    }
}

static enum outcome check(int argc, char **argv, const struct run_options *options)
{
    if (options->help)
        return OUTCOME_DONE;
    if (optind < argc)
        return complain(OUTCOME_USAGE, argv[optind], "unexpected: see 'tdx-tracker run --help'");
    if (options->kernel == NULL)
        return complain(OUTCOME_USAGE, "run", "no --kernel given: see 'tdx-tracker run --help'");
    return OUTCOME_DONE;
}

enum outcome run_options_parse(int argc, char **argv, struct run_options *options)
{
    int code;

    *options = (struct run_options){
        .append = "console=hvc0",
        .memory_mib = MEMORY_MIB_DEFAULT,
        .period_us = CONFIG_PERIOD_US_DEFAULT,
        .track = true,
        .network = true,
    };
    opterr = 0;
    while ((code = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
        enum outcome outcome = apply(code, argv, options);
        if (outcome != OUTCOME_DONE)
            return outcome;
    }
    return check(argc, argv, options);
}
