#include "kallsyms_writer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKENS = 256,
    TOKEN_SIZE = 16,
    MARKER_EVERY = 256,
    ALIGNMENT = 8
};

struct dictionary {
    char token[TOKENS][TOKEN_SIZE];
};

static const char *const common_parts[] = {
    "kallsyms_", "__x64_sys_", "_register", "filler_", "inet6_", "inet_", "namespace", "_init",
    "tcp_",      "hash",       "net_",      "symbol",  "table",  "Tfil",  "Tinet",     "Dinit"};

static void use_letters(const struct kallsyms_entry *symbols, size_t count, bool *used)
{
    for (unsigned digit = '0'; digit <= '9'; digit++)
        used[digit] = true;
    for (size_t i = 0; i < count; i++) {
        used[(unsigned char)symbols[i].type] = true;
        for (const char *c = symbols[i].name; *c != '\0'; c++)
            used[(unsigned char)*c] = true;
    }
}

static void make_dictionary(const struct kallsyms_entry *symbols, size_t count,
                            struct dictionary *dictionary)
{
    bool used[TOKENS] = {false};
    size_t next = 0;
    memset(dictionary, 0, sizeof *dictionary);
    use_letters(symbols, count, used);
    for (unsigned code = 0; code < TOKENS; code++) {
        char *token = dictionary->token[code];
        if (used[code]) {
            token[0] = (char)code;
        } else if (next < sizeof common_parts / sizeof common_parts[0]) {
            (void)snprintf(token, TOKEN_SIZE, "%s", common_parts[next++]);
        } else {
            token[0] = (char)('a' + next % 26);
            token[1] = (char)('a' + next / 26 % 26);
            next++;
        }
    }
}

static unsigned longest_token(const struct dictionary *dictionary, const char *text)
{
    unsigned best = (unsigned char)text[0];
    size_t best_length = 1;
    for (unsigned code = 0; code < TOKENS; code++) {
        if (dictionary->token[code][0] != text[0])
            continue;
        size_t length = strlen(dictionary->token[code]);
        if (length > best_length && strncmp(text, dictionary->token[code], length) == 0) {
            best = code;
            best_length = length;
        }
    }
    return best;
}

static void write_name(const struct dictionary *dictionary, const struct kallsyms_entry *symbol,
                       struct buffer *names)
{
    char text[1024];
    struct buffer codes = {0};
    if (strlen(symbol->name) > sizeof text - 2)
        abort();
    (void)snprintf(text, sizeof text, "%c%s", symbol->type, symbol->name);
    for (const char *at = text; *at != '\0';
         at += strlen(dictionary->token[codes.bytes[codes.size - 1]]))
        (void)buffer_u8(&codes, longest_token(dictionary, at));
    if (codes.size > 0x7f) {
        (void)buffer_u8(names, (unsigned)(0x80 | (codes.size & 0x7f)));
        (void)buffer_u8(names, (unsigned)(codes.size >> 7));
    } else {
        (void)buffer_u8(names, (unsigned)codes.size);
    }
    (void)buffer_append(names, codes.bytes, codes.size);
    buffer_free(&codes);
}

static void write_offsets(const struct kallsyms_entry *symbols, size_t count, uint64_t base,
                          enum kallsyms_scheme scheme, struct kallsyms_image *tables)
{
    tables->offsets = buffer_align(&tables->bytes, ALIGNMENT);
    for (size_t i = 0; i < count; i++) {
        uint64_t address = symbols[i].address;
        uint64_t offset = scheme == KALLSYMS_RELATIVE ? address - base
                          : address < base            ? address
                                                      : base - 1 - address;
        (void)buffer_u32(&tables->bytes, (uint32_t)offset);
    }
    tables->relative_base = buffer_align(&tables->bytes, ALIGNMENT);
    (void)buffer_u64(&tables->bytes, base);
}

static void write_names(const struct dictionary *dictionary, const struct kallsyms_entry *symbols,
                        size_t count, struct kallsyms_image *tables)
{
    struct buffer markers = {0};
    tables->num_syms = buffer_align(&tables->bytes, ALIGNMENT);
    (void)buffer_u32(&tables->bytes, (uint32_t)count);
    tables->names = buffer_align(&tables->bytes, ALIGNMENT);
    for (size_t i = 0; i < count; i++) {
        if (i % MARKER_EVERY == 0)
            (void)buffer_u32(&markers, (uint32_t)(tables->bytes.size - tables->names));
        write_name(dictionary, &symbols[i], &tables->bytes);
    }
    tables->names_size = tables->bytes.size - tables->names;
    tables->markers = buffer_align(&tables->bytes, ALIGNMENT);
    (void)buffer_append(&tables->bytes, markers.bytes, markers.size);
    buffer_free(&markers);
}

static void write_tokens(const struct dictionary *dictionary, struct kallsyms_image *tables)
{
    uint16_t index[TOKENS];
    tables->token_table = buffer_align(&tables->bytes, ALIGNMENT);
    for (unsigned code = 0; code < TOKENS; code++)
        index[code] =
            (uint16_t)(buffer_text(&tables->bytes, dictionary->token[code]) - tables->token_table);
    tables->token_index = buffer_align(&tables->bytes, ALIGNMENT);
    (void)buffer_append(&tables->bytes, index, sizeof index);
}

void kallsyms_write(const struct kallsyms_entry *symbols, size_t count, uint64_t base,
                    enum kallsyms_scheme scheme, enum kallsyms_order order,
                    struct kallsyms_image *tables)
{
    struct dictionary *dictionary = malloc(sizeof *dictionary);
    if (dictionary == NULL)
        abort();
    memset(tables, 0, sizeof *tables);
    make_dictionary(symbols, count, dictionary);
    if (order == KALLSYMS_OFFSETS_FIRST)
        write_offsets(symbols, count, base, scheme, tables);
    write_names(dictionary, symbols, count, tables);
    write_tokens(dictionary, tables);
    if (order == KALLSYMS_OFFSETS_LAST) {
        write_offsets(symbols, count, base, scheme, tables);
        (void)buffer_zeros(&tables->bytes, 3 * count); /* kallsyms_seqs_of_names, not read */
    }
    (void)buffer_align(&tables->bytes, ALIGNMENT);
    free(dictionary);
}
