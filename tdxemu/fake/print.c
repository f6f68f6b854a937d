/* The log is kept, and the end of tdxemu comes back to the test. */
#include "boot/print.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake/devices.h"

#define REFUSAL 2U

static char text[1U << 16];
static size_t used;
static jmp_buf back;
static bool catching;
static unsigned end_status;

void log_reset(void)
{
    used = 0;
    text[0] = '\0';
}

const char *fake_log(void)
{
    return text;
}

void print_list(const char *format, va_list list)
{
    int length = vsnprintf(text + used, sizeof text - used, format, list);

    used += (size_t)length;
    if (used >= sizeof text)
        abort();
}

void print(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    print_list(format, list);
    va_end(list);
}

_Noreturn void machine_exit(unsigned value)
{
    if (!catching) {
        fprintf(stderr, "unexpected end of tdxemu: %s", text);
        abort();
    }
    end_status = value;
    longjmp(back, 1);
}

_Noreturn void refuse_machine(const char *format, ...)
{
    va_list list;

    print("tdxemu: error: ");
    va_start(list, format);
    print_list(format, list);
    va_end(list);
    print("\n");
    machine_exit(REFUSAL);
}

bool fake_ends(void (*function)(void), unsigned *status)
{
    volatile bool ended = true;

    catching = true;
    if (setjmp(back) == 0) {
        function();
        ended = false;
    }
    catching = false;
    if (ended)
        *status = end_status;
    return ended;
}
