#include "signals.h"

#include <signal.h>
#include <stddef.h>

#include "command.h"

static volatile sig_atomic_t pending;

static void note(int number)
{
    pending = number;
}

void signals_install(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note}; /* no SA_RESTART: a blocked write must end */

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct sigaction before;
        /* nohup and background jobs of a shell ignore signals on purpose. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL);
}

int signals_pending(void)
{
    return pending;
}

int signals_die_of_pipe(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};

    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL);
    raise(SIGPIPE);
    return OUTCOME_SIGNAL + SIGPIPE;
}
