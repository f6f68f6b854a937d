/*
 * make-guest FILE [CONNECTIONS]: writes the RAM of a synthetic guest (scenario.h) to a file, with
 * that many plain connections besides its small world; for tests of whole programs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "scenario.h"

enum {
    BYTES_EACH = 3328
}; /* at least what a socket and its hash bucket take */

static bool write_file(const char *path, const struct guest_image *image)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL)
        return false;
    bool whole = fwrite(image->ram, 1, image->shape.ram_size, file) == image->shape.ram_size;
    return fclose(file) == 0 && whole;
}

int main(int argc, char **argv)
{
    struct scenario_options options = scenario_defaults();
    struct scenario scenario;
    if (argc < 2 || argc > 3) {
        fputs("usage: make-guest FILE [CONNECTIONS]\n", stderr);
        return 2;
    }
    options.bulk = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : options.bulk;
    uint64_t more = (uint64_t)options.bulk * BYTES_EACH / (2 * SCENARIO_MIB) * (2 * SCENARIO_MIB);
    while (options.buckets < options.bulk / 4)
        options.buckets *= 2;
    options.ram_size += more;
    options.pages_to += more;
    scenario_create(&scenario, &options, NULL);
    bool written = write_file(argv[1], &scenario.image);
    scenario_destroy(&scenario);
    if (!written)
        perror(argv[1]);
    return written ? 0 : 1;
}
