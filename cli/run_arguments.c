#include "run_arguments.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi/fw_cfg.h"
#include "run_memory.h"

static void take(struct run_arguments *arguments, char *value)
{
    if (value == NULL || arguments->count == RUN_ARGUMENTS_MAX) {
        free(value);
        arguments->failed = true;
        return;
    }
    arguments->values[arguments->count++] = value;
}

__attribute__((format(printf, 2, 3))) static void add(struct run_arguments *arguments,
                                                      const char *format, ...)
{
    va_list list;
    char *value = NULL;

    va_start(list, format);
    int length = vasprintf(&value, format, list);
    va_end(list);
    take(arguments, length < 0 ? NULL : value);
}

/* An option and its value, both as they are. */
static void add_option(struct run_arguments *arguments, const char *option, const char *value)
{
    add(arguments, "%s", option);
    add(arguments, "%s", value);
}

/* "name=NAME,file=PATH": QEMU wants a comma in a value twice. */
static void add_file(struct run_arguments *arguments, const char *name, const char *path)
{
    char *value = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&value, &size);

    add(arguments, "-fw_cfg");
    if (stream == NULL) {
        take(arguments, NULL);
        return;
    }
    fprintf(stream, "name=%s,file=", name);
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == ',')
            fputc(',', stream);
        fputc(*at, stream);
    }
    if (fclose(stream) != 0) {
        free(value);
        value = NULL;
    }
    take(arguments, value);
}

/* The machine and the TD in it. `phys-bits=52`: a TD's shared bit lies above what x86 has less. */
static void add_machine(struct run_arguments *arguments, const struct run_options *options,
                        const struct run_inputs *inputs, const struct run_config *config)
{
    static const char *const fixed[] = {
        "-nodefaults",
        "-no-user-config",
        "-no-reboot",
        "-display",
        "none",
        "-machine",
        "q35",
        "-accel",
        "tcg",
        "-cpu",
        "max,la57=off,phys-bits=52",
    };

    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        add(arguments, "%s", fixed[i]);
    add(arguments, "-m");
    add(arguments, "%" PRIu64 "M", run_memory_machine(options->memory_mib));
    add_option(arguments, "-bios", inputs->tdxemu);
    add_file(arguments, FW_CFG_FILE_TD_IMAGE, inputs->svsm);
    add(arguments, "-fw_cfg");
    add(arguments, "name=" FW_CFG_FILE_TD_MEMORY ",string=%" PRIu64, options->memory_mib);
    add(arguments, "-fw_cfg");
    add(arguments, "name=" FW_CFG_FILE_CONFIG ",file=/proc/self/fd/%d", config->file);
    add(arguments, "-fw_cfg");
    add(arguments, "name=" FW_CFG_FILE_MRCONFIGID ",string=%s", config->id);
    add_option(arguments, "-device", "isa-debug-exit,iobase=0xf4,iosize=4");
}

static void add_system(struct run_arguments *arguments, const struct run_options *options)
{
    add_option(arguments, "-kernel", options->kernel);
    if (options->initrd != NULL)
        add_option(arguments, "-initrd", options->initrd);
    add_option(arguments, "-append", options->append);
}

/* Virtio devices as a TD can use them: modern, and by addresses that the guest shares. */
#define TD_VIRTIO "disable-legacy=on,iommu_platform=on,romfile="

static void add_network(struct run_arguments *arguments)
{
    add_option(arguments, "-netdev", "user,id=net");
    add_option(arguments, "-device", "virtio-net-pci,netdev=net," TD_VIRTIO);
}

static void add_devices(struct run_arguments *arguments, const int far[RUN_CHANNELS])
{
    static const struct {
        enum run_channel channel;
        const char *device;
    } ports[] = {
        {RUN_SVSM, "isa-debugcon,iobase=0x402,chardev="},
        {RUN_TDXEMU, "isa-debugcon,iobase=0xe9,chardev="},
        {RUN_CONSOLE, "virtconsole,bus=serial.0,chardev="},
    };

    add_option(arguments, "-device", "virtio-serial-pci,id=serial,ioeventfd=off," TD_VIRTIO);
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        add(arguments, "-chardev");
        add(arguments, "socket,id=run%zu,fd=%d%s", i, far[ports[i].channel],
            ports[i].channel == RUN_SVSM ? ",mux=on" : "");
        add(arguments, "-device");
        add(arguments, "%srun%zu", ports[i].device, i);
    }
}

/*
 * svsm's own console, in the slot that it keeps for itself, ends where its debug port does. Without
 * ioeventfd a batch is with us when the write that announces it returns.
 */
static void add_svsm_console(struct run_arguments *arguments)
{
    add_option(arguments, "-device",
               "virtio-serial-pci,id=svsm,addr=0x1e,max_ports=1,ioeventfd=off," TD_VIRTIO);
    add_option(arguments, "-device", "virtconsole,bus=svsm.0,chardev=run0");
}

void run_arguments_make(struct run_arguments *arguments, const struct run_options *options,
                        const struct run_inputs *inputs, const struct run_config *config,
                        const int far[RUN_CHANNELS])
{
    *arguments = (struct run_arguments){.count = 0};
    add(arguments, "qemu-system-x86_64");
    add_machine(arguments, options, inputs, config);
    add_system(arguments, options);
    add_devices(arguments, far);
    add_svsm_console(arguments);
    if (options->network)
        add_network(arguments);
    for (size_t i = 0; i < options->extra_count; i++)
        add(arguments, "%s", options->extra[i]);
}

void run_arguments_free(struct run_arguments *arguments)
{
    for (size_t i = 0; i < arguments->count; i++)
        free(arguments->values[i]);
    arguments->count = 0;
}
