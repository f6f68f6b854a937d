#include <stdbool.h>
#include <stdint.h>

#include "arch/print.h"

struct text {
    char *to;
    size_t size;
    size_t at;
};

static void put(struct text *text, char c)
{
    if (text->at + 1 < text->size)
        text->to[text->at++] = c;
}

static void put_string(struct text *text, const char *string)
{
    while (*string != '\0')
        put(text, *string++);
}

static void put_number(struct text *text, uint64_t value, unsigned base, unsigned width, char fill)
{
    char digits[20];
    unsigned count = 0;

    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    for (; width > count; width--)
        put(text, fill);
    while (count > 0)
        put(text, digits[--count]);
}

static void put_signed(struct text *text, int64_t value, unsigned width, char fill)
{
    if (value < 0)
        put(text, '-');
    put_number(text, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width, fill);
}

struct conversion {
    unsigned width;
    char fill;
    bool is_long;
};

static const char *parse(const char *format, struct conversion *conversion)
{
    *conversion = (struct conversion){.fill = ' '};
    if (*format == '0') {
        conversion->fill = '0';
        format++;
    }
    for (; *format >= '0' && *format <= '9'; format++)
        conversion->width = conversion->width * 10 + (unsigned)(*format - '0');
    for (; *format == 'l'; format++)
        conversion->is_long = true;
    return format;
}

size_t format_text(char *to, size_t size, const char *format, va_list arguments)
{
    struct text text = {to, size, 0};
    struct conversion how;

    for (; *format != '\0'; format++) {
        if (*format != '%') {
            put(&text, *format);
            continue;
        }
        format = parse(format + 1, &how);
        if (*format == 's')
            put_string(&text, va_arg(arguments, const char *));
        else if (*format == 'c')
            put(&text, (char)va_arg(arguments, int));
        else if (*format == 'd')
            put_signed(&text, how.is_long ? va_arg(arguments, long) : va_arg(arguments, int),
                       how.width, how.fill);
        else if (*format == 'u' || *format == 'x')
            put_number(&text,
                       how.is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned),
                       *format == 'u' ? 10 : 16, how.width, how.fill);
        else if (*format == '%')
            put(&text, '%');
        else
            break;
    }
    to[text.at] = '\0';
    return text.at;
}
