#include "boot/print.h"

#include <stdbool.h>
#include <stdint.h>

#include "boot/cpu.h"

#define PORT_LOG           0xe9
#define PORT_EXIT          0xf4
#define PORT_PM1A_CONTROL  0x604
#define PM1_POWER_OFF      0x2000 /* SLP_EN, SLP_TYP 0: S5 of q35 */
#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA    0xcfc
#define ICH9_PMBASE        0x8000f840U /* 00:1f.0, register 0x40 */
#define ICH9_ACPI_CNTL     0x8000f844U

struct conversion {
    unsigned width;
    unsigned longs;
    char pad;
};

static void put(char c)
{
    io_out(PORT_LOG, 1, (unsigned char)c);
}

static void put_text(const char *text)
{
    while (*text)
        put(*text++);
}

static void put_number(uint64_t value, unsigned base, bool negative, struct conversion how)
{
    char digits[24];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative)
        digits[count++] = '-';
    while (how.width > count) {
        put(how.pad);
        how.width--;
    }
    while (count)
        put(digits[--count]);
}

static const char *parse(const char *format, struct conversion *how)
{
    how->pad = *format == '0' ? '0' : ' ';
    while (*format >= '0' && *format <= '9')
        how->width = how->width * 10 + (unsigned)(*format++ - '0');
    for (; *format == 'l'; format++)
        how->longs++;
    return format;
}

static void put_signed(int64_t value, struct conversion how)
{
    bool negative = value < 0;
    put_number(negative ? 0 - (uint64_t)value : (uint64_t)value, 10, negative, how);
}

void print_list(const char *format, va_list list)
{
    for (; *format; format++) {
        struct conversion how = {0};
        if (*format != '%') {
            put(*format);
            continue;
        }
        format = parse(format + 1, &how);
        if (*format == 's')
            put_text(va_arg(list, const char *));
        else if (*format == 'c')
            put((char)va_arg(list, int));
        else if (*format == 'd')
            put_signed(how.longs ? va_arg(list, long) : va_arg(list, int), how);
        else if (*format == 'u' || *format == 'x')
            put_number(how.longs ? va_arg(list, unsigned long) : va_arg(list, unsigned),
                       *format == 'x' ? 16 : 10, false, how);
        else
            put(*format);
    }
}

void print(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print_list(format, list);
    va_end(list);
}

static void power_off(void)
{
    io_out(PCI_CONFIG_ADDRESS, 4, ICH9_PMBASE);
    io_out(PCI_CONFIG_DATA, 4, 0x600);
    io_out(PCI_CONFIG_ADDRESS, 4, ICH9_ACPI_CNTL);
    io_out(PCI_CONFIG_DATA, 1, 0x80);
    io_out(PORT_PM1A_CONTROL, 2, PM1_POWER_OFF);
}

_Noreturn void machine_exit(unsigned value)
{
    io_out(PORT_EXIT, 4, value);
    power_off();
    cpu_stop();
}

_Noreturn void refuse_machine(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print("tdxemu: error: ");
    print_list(format, list);
    print("\n");
    va_end(list);
    machine_exit(2);
}
