#include "errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

enum {
    MESSAGE_ROOM = 1024,
    LINE_ROOM = 8192
};

__attribute__((format(printf, 2, 0))) static void print_line(const char *subject,
                                                             const char *format, va_list arguments)
{
    char message[MESSAGE_ROOM];
    char line[LINE_ROOM];
    struct text text = text_in(line, sizeof line);

    vsnprintf(message, sizeof message, format, arguments);
    text_escape(&text, subject, strlen(subject), "");
    text_add(&text, ": ");
    text_escape(&text, message, strlen(message), "");
    fprintf(stderr, "tdx-tracker: %s\n", line);
}

enum outcome complain(enum outcome outcome, const char *subject, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line(subject, format, arguments);
    va_end(arguments);
    return outcome;
}

void warn(const char *subject, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print_line(subject, format, arguments);
    va_end(arguments);
}
