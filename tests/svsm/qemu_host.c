#include "qemu_host.h"

#include <check.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/fatal.h"
#include "arch/print.h"
#include "mem/memory.h"
#include "tdx/ghci.h"
#include "tdx/tdx.h"

enum {
    ARGUMENTS_MAX = 64,
    LINE_MAX_BYTES = 256
};

static pid_t qemu;
static FILE *commands;
static unsigned char *ram;
static int ram_file; /* without a name: nothing to remove */

static void make_ram(void)
{
    ram_file = memfd_create("ram", 0);
    ck_assert_int_ge(ram_file, 0);
    ck_assert_int_eq(ftruncate(ram_file, QEMU_MEMORY), 0);
    ram = mmap(NULL, QEMU_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, ram_file, 0);
    ck_assert_ptr_ne(ram, MAP_FAILED);
}

/* Appends copies of a list that ends with NULL. */
static size_t append(char **to, size_t count, const char *const *list)
{
    while (*list != NULL && count + 1 < ARGUMENTS_MAX)
        to[count++] = strdup(*list++);
    return count;
}

/* Stopped from the start: qtest's commands reach the devices all the same. */
static void become_qemu(int channel, const char *const *more)
{
    char backend[128];
    snprintf(backend, sizeof backend,
             "memory-backend-file,id=ram,size=%d,share=on,mem-path=/proc/self/fd/%d", QEMU_MEMORY,
             ram_file);
    const char *const machine[] = {"qemu-system-x86_64", "-nodefaults", "-no-user-config",
                                   "-display",           "none",        NULL};
    const char *const memory[] = {
        "-machine", "q35,memory-backend=ram", "-m", "128", "-object", backend, NULL};
    const char *const control[] = {"-S",    "-accel",     "tcg",       "-qtest",
                                   "stdio", "-qtest-log", "/dev/null", NULL};
    char *arguments[ARGUMENTS_MAX] = {NULL};
    size_t count = append(arguments, 0, machine);
    count = append(arguments, count, memory);
    count = append(arguments, count, control);
    append(arguments, count, more);
    dup2(channel, STDIN_FILENO);
    dup2(channel, STDOUT_FILENO);
    execvp(arguments[0], arguments);
    _exit(127);
}

void qemu_start(const char *const *more)
{
    int ends[2];
    make_ram();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    qemu = fork();
    if (qemu == 0)
        become_qemu(ends[1], more);
    ck_assert_int_gt(qemu, 0);
    close(ends[1]);
    commands = fdopen(ends[0], "r+");
    ck_assert_ptr_nonnull(commands);
}

static void forget(void)
{
    fclose(commands);
    munmap(ram, QEMU_MEMORY);
    close(ram_file);
    qemu = 0;
}

bool qemu_ended(void)
{
    int status;
    ck_assert_int_eq(waitpid(qemu, &status, 0), qemu);
    forget();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void qemu_stop(void)
{
    if (qemu == 0)
        return;
    kill(qemu, SIGKILL);
    waitpid(qemu, NULL, 0);
    forget();
}

/* One command; its answer is "OK" and, of a read, a number. Events in between start otherwise. */
__attribute__((format(printf, 1, 2))) static uint64_t command(const char *format, ...)
{
    char line[LINE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vfprintf(commands, format, arguments);
    va_end(arguments);
    fflush(commands);
    do {
        ck_assert_msg(fgets(line, sizeof line, commands) != NULL, "QEMU is gone");
        ck_assert_msg(strncmp(line, "FAIL", 4) != 0, "QEMU says: %s", line);
    } while (strncmp(line, "OK", 2) != 0);
    return strtoull(line + 2, NULL, 0);
}

static char letter(unsigned size)
{
    return " bw l   q"[size];
}

bool ghci_io_read(uint16_t port, unsigned size, uint32_t *value)
{
    *value = (uint32_t)command("in%c 0x%x\n", letter(size), port);
    return true;
}

bool ghci_io_write(uint16_t port, unsigned size, uint32_t value)
{
    command("out%c 0x%x 0x%x\n", letter(size), port, value);
    return true;
}

bool ghci_mmio_read(struct gpa at, unsigned size, uint64_t *value)
{
    *value = command("read%c 0x%" PRIx64 "\n", letter(size), at.v);
    return true;
}

bool ghci_mmio_write(struct gpa at, unsigned size, uint64_t value)
{
    command("write%c 0x%" PRIx64 " 0x%" PRIx64 "\n", letter(size), at.v, value);
    return true;
}

uint64_t tdx_vm_rd(uint64_t field, uint64_t *value)
{
    (void)field;
    *value = 0;
    return 0;
}

const struct memory_shared *memory_shared(void)
{
    static struct memory_shared shared;
    shared = (struct memory_shared){ram + QEMU_SHARED, {QEMU_SHARED}, 0x10000};
    return &shared;
}

size_t memory_l2_ranges(const struct guestmem_range **ranges)
{
    static const struct guestmem_range l2[] = {
        {{0}, QEMU_SHARED},
        {{QEMU_KEPT_END}, QEMU_MEMORY - QEMU_KEPT_END},
    };
    *ranges = l2;
    return sizeof l2 / sizeof l2[0];
}

void *memory_l2(struct gpa at, uint64_t length)
{
    return at.v <= QEMU_MEMORY && length <= QEMU_MEMORY - at.v ? ram + at.v : NULL;
}

void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
}

void fatal(const char *format, ...)
{
    char text[LINE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    ck_abort_msg("%s", text);
    abort();
}
