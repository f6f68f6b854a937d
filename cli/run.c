/* tdx-tracker run: boots a kernel in an emulated TD under svsm and shows what svsm sees. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "errors.h"
#include "output.h"
#include "run_lines.h"
#include "run_logs.h"
#include "run_report.h"
#include "run_summary.h"
#include "run_view.h"
#include "signals.h"

enum {
    TICK_MS = 200,
    CHUNK = 65536,
    POLL_PROCESS = RUN_CHANNELS,
    POLL_KEYS,
    POLL_COUNT
};

struct run {
    struct run_options options;
    struct run_inputs inputs;
    struct run_config config;
    struct run_logs logs;
    struct run_qemu qemu;
    struct run_lines lines[RUN_CHANNELS]; /* of all but the console */
    struct run_report report;
    struct run_view *view;
    int write_error; /* errno value of the first write to standard output that failed */
};

/* Of a view: notes when it could not write. */
static void note_written(struct run *run, bool written)
{
    if (!written && run->write_error == 0)
        run->write_error = errno != 0 ? errno : EIO;
}

static void on_svsm_line(void *context, const char *line)
{
    struct run *run = context;
    struct run_event event;

    if (!run_report_svsm(&run->report, line, &event))
        return;
    note_written(run, run->view->event(run->view, &event));
    json_object_put(event.object);
}

static void on_tdxemu_line(void *context, const char *line)
{
    struct run *run = context;

    run_report_tdxemu(&run->report, line);
}

static void on_qemu_line(void *context, const char *line)
{
    struct run *run = context;

    run_report_qemu(&run->report, line);
}

static void listen_to_lines(struct run *run)
{
    run->lines[RUN_SVSM].line = on_svsm_line;
    run->lines[RUN_TDXEMU].line = on_tdxemu_line;
    run->lines[RUN_ERRORS].line = on_qemu_line;
    for (size_t i = 0; i < RUN_CHANNELS; i++)
        run->lines[i].context = run;
}

static void close_channel(struct run *run, enum run_channel channel)
{
    close(run->qemu.near[channel]);
    run->qemu.near[channel] = -1;
    if (channel != RUN_CONSOLE)
        run_lines_end(&run->lines[channel]);
}

/* Takes what a channel has to give, once. False: it is closed, or has nothing now. */
static bool receive(struct run *run, enum run_channel channel)
{
    char bytes[CHUNK];
    ssize_t got;

    if (run->qemu.near[channel] < 0)
        return false;
    got = recv(run->qemu.near[channel], bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    if (got <= 0) {
        close_channel(run, channel);
        return false;
    }
    run_logs_add(&run->logs, channel, bytes, (size_t)got);
    if (channel != RUN_CONSOLE)
        run_lines_add(&run->lines[channel], bytes, (size_t)got);
    else
        note_written(run, run->view->console(run->view, bytes, (size_t)got));
    return true;
}

/* Keys that L2 does not take at once are lost, as on a serial line. */
static void pass_keys(struct run *run)
{
    char bytes[256];
    ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);

    if (got > 0)
        (void)!send(run->qemu.near[RUN_CONSOLE], bytes, (size_t)got, MSG_DONTWAIT | MSG_NOSIGNAL);
    else if (got == 0 || errno != EINTR)
        run->view->takes_keys = false;
}

static void wait_for_something(const struct run *run, struct pollfd polls[POLL_COUNT])
{
    bool keys = run->view->takes_keys && run->qemu.near[RUN_CONSOLE] >= 0;

    for (size_t i = 0; i < RUN_CHANNELS; i++)
        polls[i] = (struct pollfd){.fd = run->qemu.near[i], .events = POLLIN};
    polls[POLL_PROCESS] = (struct pollfd){.fd = run->qemu.process, .events = POLLIN};
    polls[POLL_KEYS] = (struct pollfd){.fd = keys ? STDIN_FILENO : -1, .events = POLLIN};
    if (poll(polls, POLL_COUNT, TICK_MS) < 0)
        memset(polls, 0, POLL_COUNT * sizeof *polls);
}

/* Follows the machine until it ends, or somebody asks for it. */
static void follow(struct run *run)
{
    struct pollfd polls[POLL_COUNT];

    while (run->qemu.pid != 0 && signals_pending() == 0 && run->write_error == 0) {
        wait_for_something(run, polls);
        for (unsigned i = 0; i < RUN_CHANNELS; i++)
            if (polls[i].revents != 0)
                (void)receive(run, (enum run_channel)i);
        if (polls[POLL_KEYS].revents != 0)
            pass_keys(run);
        if (polls[POLL_PROCESS].revents != 0)
            run_qemu_reap(&run->qemu);
        note_written(run, run->view->tick(run->view));
    }
}

/* What it had said before it ended is still in the channels. */
static void drain(struct run *run)
{
    for (unsigned i = 0; i < RUN_CHANNELS; i++) {
        while (receive(run, (enum run_channel)i) && run->write_error == 0)
            continue;
        if (run->qemu.near[i] >= 0)
            close_channel(run, (enum run_channel)i);
    }
    if (run->write_error == 0)
        note_written(run, run->view->tick(run->view));
}

static enum outcome open_view(struct run *run)
{
    bool terminal = isatty(STDOUT_FILENO);

    if (run->options.format == RUN_JSON)
        run->view = run_view_json(stdout);
    else if (!terminal)
        run->view = run_view_lines(stdout);
    else if (run->options.live)
        run->view = run_view_live();
    else
        run->view = run_view_console();
    if (run->view != NULL)
        return OUTCOME_DONE;
    return complain(OUTCOME_ENVIRONMENT, "terminal", "cannot be used: check TERM%s",
                    run->options.live ? ", or leave off --live" : "");
}

/* The machine, from its start to its end. */
static enum outcome run_machine(struct run *run)
{
    enum outcome outcome = run_qemu_start(&run->options, &run->inputs, &run->config, &run->qemu);

    if (outcome == OUTCOME_DONE)
        outcome = open_view(run);
    if (outcome != OUTCOME_DONE)
        return outcome;
    follow(run);
    run_qemu_stop(&run->qemu);
    drain(run);
    run->view->end(run->view);
    if (run->write_error == EPIPE || signals_pending() != 0)
        return OUTCOME_SIGNAL;
    if (run->write_error != 0)
        return complain(OUTCOME_ENVIRONMENT, "standard output", "cannot be written: %s",
                        strerror(run->write_error));
    return run_report_judge(&run->report, run->qemu.status);
}

/* A machine that never came to run L2 has nothing to sum up. */
static enum outcome summarize(const struct run *run)
{
    const struct run_report *report = &run->report;
    bool interrupted = signals_pending() != 0;
    bool seen = report->summary != NULL || report->seen[RUN_OPENED] != 0;

    if (run->view == NULL || run->write_error != 0 || !(seen || interrupted))
        return OUTCOME_DONE;
    bool written = run->options.format == RUN_JSON
                       ? run_summary_json(stdout, &run->options, report, interrupted)
                       : run_summary_table(stdout, &run->options, report);
    run_summary_warn(report);
    if (run->logs.failed)
        warn(run->options.logs, "the logs are incomplete: check the disk");
    return written ? OUTCOME_DONE : (enum outcome)output_finish_stdout();
}

static enum outcome prepare_and_run(struct run *run)
{
    enum outcome outcome = run_inputs_check(&run->options, &run->inputs);

    if (outcome == OUTCOME_DONE)
        outcome = run_config_make(&run->options, &run->config);
    if (outcome == OUTCOME_DONE)
        outcome = run_logs_open(run->options.logs, &run->logs);
    if (outcome == OUTCOME_DONE)
        outcome = run_machine(run);
    enum outcome summary = summarize(run);
    return outcome == OUTCOME_DONE ? summary : outcome;
}

static void release(struct run *run)
{
    run_qemu_end(&run->qemu);
    run_report_free(&run->report);
    run_logs_close(&run->logs);
    if (run->config.file >= 0)
        close(run->config.file);
}

int run_command(int argc, char **argv)
{
    struct run run = {.config = {.file = -1}};
    enum outcome outcome = run_options_parse(argc, argv, &run.options);

    if (outcome != OUTCOME_DONE)
        return (int)outcome;
    if (run.options.help) {
        fputs(run_options_help(), stdout);
        return output_finish_stdout();
    }
    run.qemu = run_qemu_none();
    run.logs = run_logs_none();
    listen_to_lines(&run);
    signals_install();
    outcome = prepare_and_run(&run);
    release(&run);
    if (outcome != OUTCOME_SIGNAL)
        return (int)outcome;
    return signals_pending() != 0 ? OUTCOME_SIGNAL + signals_pending() : signals_die_of_pipe();
}
