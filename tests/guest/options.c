/*
 * loadgen: the command line.
 */
#include "loadgen.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage_text[] =
    "usage: loadgen serve --listen ADDR:PORT [--backlog N] [--uid N] [--truth FILE]\n"
    "       loadgen client --connect ADDR:PORT [options]\n"
    "serve prints 'listening PORT' (port 0: any free one) and serves until SIGTERM or SIGINT.\n"
    "client options:\n"
    "  --close WHO         server (default), client, reset-server or reset-client\n"
    "  --count N           connections in all (1)\n"
    "  --concurrency N     at the same time (1)\n"
    "  --rate N            new connections a second (as fast as it goes)\n"
    "  --hold N            open N, exchange their requests once, print 'holding N', keep them\n"
    "                      until SIGTERM, SIGINT, or a line or end of file on stdin; a stdin that\n"
    "                      cannot be polled, as /dev/null, is not waited for\n"
    "  --requests N        requests in one connection (1)\n"
    "  --bytes-request N   TCP payload of one request, head and body (the smallest possible)\n"
    "  --bytes-response N  TCP payload of one response, head and body (the smallest possible)\n"
    "  --mapped            IPv4 by an IPv6 socket\n"
    "  --bind ADDR[:PORT]  the local end\n"
    "  --uid N             become this user, after opening the truth file and listening\n"
    "  --truth FILE        append one CSV line a connection:\n"
    "                      laddr,lport,raddr,rport,start_ns,end_ns,closer,result\n"
    "With reset-server, and with --hold and server, the client ends with a line of its own,\n"
    "'RESET / HTTP/1.1' or 'CLOSE / HTTP/1.1', 20 bytes with its line ends, and the server obeys.\n"
    "IPv6 addresses stand in brackets: [::1]:80. Exit status 1 when a connection went wrong.\n";

enum option_id {
    OPT_LISTEN = 256,
    OPT_CONNECT,
    OPT_CLOSE,
    OPT_COUNT,
    OPT_CONCURRENCY,
    OPT_RATE,
    OPT_HOLD,
    OPT_REQUESTS,
    OPT_BYTES_REQUEST,
    OPT_BYTES_RESPONSE,
    OPT_BACKLOG,
    OPT_MAPPED,
    OPT_BIND,
    OPT_UID,
    OPT_TRUTH,
    OPT_HELP,
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"connect", required_argument, NULL, OPT_CONNECT},
    {"close", required_argument, NULL, OPT_CLOSE},
    {"count", required_argument, NULL, OPT_COUNT},
    {"concurrency", required_argument, NULL, OPT_CONCURRENCY},
    {"rate", required_argument, NULL, OPT_RATE},
    {"hold", required_argument, NULL, OPT_HOLD},
    {"requests", required_argument, NULL, OPT_REQUESTS},
    {"bytes-request", required_argument, NULL, OPT_BYTES_REQUEST},
    {"bytes-response", required_argument, NULL, OPT_BYTES_RESPONSE},
    {"backlog", required_argument, NULL, OPT_BACKLOG},
    {"mapped", no_argument, NULL, OPT_MAPPED},
    {"bind", required_argument, NULL, OPT_BIND},
    {"uid", required_argument, NULL, OPT_UID},
    {"truth", required_argument, NULL, OPT_TRUTH},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static const char *const closer_names[] = {
    [CLOSER_SERVER] = "server",
    [CLOSER_CLIENT] = "client",
    [CLOSER_RESET_SERVER] = "reset-server",
    [CLOSER_RESET_CLIENT] = "reset-client",
};

const char *closer_name(enum closer closer)
{
    return closer_names[closer];
}

static enum closer closer_parse(const char *text)
{
    for (unsigned i = 0; i < sizeof(closer_names) / sizeof(closer_names[0]); i++) {
        if (!strcmp(text, closer_names[i]))
            return (enum closer)i;
    }
    die(2, "--close %s: not server, client, reset-server or reset-client", text);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
    char *end;

    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || *end || *text < '0' || *text > '9' || value < min || value > max)
        die(2, "'%s' is not a number from %llu to %llu", text, (unsigned long long)min,
            (unsigned long long)max);
    return value;
}

static void set_address(struct address *addr, const char *text, bool port_needed)
{
    if (!address_parse(addr, text, port_needed))
        die(2, "'%s' is not ADDR:PORT (numbers only, IPv6 as [ADDR]:PORT)", text);
}

/* The options that take a number; false when id is none of them. */
static bool set_number(struct options *opt, int id)
{
    const uint64_t many = 1 << 20;

    if (id == OPT_COUNT)
        opt->count = number(optarg, 1, UINT32_MAX);
    else if (id == OPT_CONCURRENCY)
        opt->concurrency = number(optarg, 1, many);
    else if (id == OPT_RATE)
        opt->rate = number(optarg, 1, many);
    else if (id == OPT_HOLD)
        opt->hold = number(optarg, 1, many);
    else if (id == OPT_REQUESTS)
        opt->requests = number(optarg, 1, UINT32_MAX);
    else if (id == OPT_BYTES_REQUEST)
        opt->request_bytes = number(optarg, request_bytes_min(), UINT32_MAX);
    else if (id == OPT_BYTES_RESPONSE)
        opt->response_bytes = number(optarg, response_bytes_min(), UINT32_MAX);
    else if (id == OPT_BACKLOG)
        opt->backlog = number(optarg, 0, many);
    else if (id == OPT_UID)
        opt->uid = (int64_t)number(optarg, 0, UINT32_MAX - 1);
    else
        return false;
    return true;
}

static void set_option(struct options *opt, int id)
{
    switch (id) {
    case OPT_LISTEN:
    case OPT_CONNECT:
        if (opt->serve != (id == OPT_LISTEN))
            die(2, "serve takes --listen, client takes --connect");
        set_address(&opt->target, optarg, true);
        break;
    case OPT_CLOSE:
        opt->closer = closer_parse(optarg);
        break;
    case OPT_MAPPED:
        opt->mapped = true;
        break;
    case OPT_BIND:
        set_address(&opt->bind, optarg, false);
        opt->has_bind = true;
        break;
    case OPT_TRUTH:
        opt->truth = optarg;
        break;
    case OPT_HELP:
        fputs(usage_text, stdout);
        exit(0);
    default:
        if (!set_number(opt, id))
            die(2, "see loadgen --help");
    }
}

static void check(struct options *opt)
{
    if (!opt->target.len)
        die(2, "%s is missing", opt->serve ? "--listen ADDR:PORT" : "--connect ADDR:PORT");
    if (opt->mapped && (!address_map(&opt->target) || (opt->has_bind && !address_map(&opt->bind))))
        die(2, "--mapped needs IPv4 addresses");
    if (opt->has_bind && opt->bind.sa.ss_family != opt->target.sa.ss_family)
        die(2, "--bind and --connect are of different families");
    if (opt->hold) {
        opt->count = opt->hold;
        if (opt->concurrency > 1 || opt->rate)
            die(2, "--hold opens its connections as fast as it goes");
    }
}

void options_parse(struct options *opt, int argc, char **argv)
{
    *opt = (struct options){
        .closer = CLOSER_SERVER,
        .count = 1,
        .concurrency = 1,
        .requests = 1,
        .backlog = 4096,
        .uid = -1,
    };
    if (argc > 1 && !strcmp(argv[1], "--help"))
        set_option(opt, OPT_HELP);
    if (argc < 2 || (strcmp(argv[1], "serve") != 0 && strcmp(argv[1], "client") != 0))
        die(2, "say 'serve' or 'client'; see loadgen --help");
    opt->serve = !strcmp(argv[1], "serve");
    opt->request_bytes = request_bytes_min();
    opt->response_bytes = response_bytes_min();

    optind = 2;
    for (int id; (id = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        set_option(opt, id);
    if (optind < argc)
        die(2, "'%s' is not understood; see loadgen --help", argv[optind]);
    check(opt);
}
