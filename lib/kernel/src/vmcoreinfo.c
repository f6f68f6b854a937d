#include "vmcoreinfo.h"

#include "base/bytes.h"
#include "base/cursor.h"

enum {
    NAME_SIZE = 11,
    DESCRIPTION_AT = 24
};

static const char name[] = "VMCOREINFO";
static const char first_key[] = "OSRELEASE=";

/* Keys whose value is hexadecimal, and those whose value is signed decimal. */
struct key {
    const char *text;
    size_t field;
    bool hexadecimal;
    bool required;
};

#define FIELD(member) offsetof(struct vmcoreinfo, member)

static const struct key keys[] = {
    {"NUMBER(phys_base)", FIELD(phys_base), false, true},
    {"NUMBER(pgtable_l5_enabled)", FIELD(l5_enabled), false, false},
    {"NUMBER(sme_mask)", FIELD(sme_mask), false, false},
    {"SYMBOL(swapper_pg_dir)", FIELD(swapper_pg_dir), true, true},
    {"SYMBOL(_stext)", FIELD(stext), true, true},
    {"SYMBOL(kallsyms_names)", FIELD(kallsyms_names), true, true},
    {"SYMBOL(kallsyms_num_syms)", FIELD(kallsyms_num_syms), true, true},
    {"SYMBOL(kallsyms_token_table)", FIELD(kallsyms_token_table), true, true},
    {"SYMBOL(kallsyms_token_index)", FIELD(kallsyms_token_index), true, true},
    {"SYMBOL(kallsyms_offsets)", FIELD(kallsyms_offsets), true, true},
    {"SYMBOL(kallsyms_relative_base)", FIELD(kallsyms_relative_base), true, true},
};

enum {
    KEYS = sizeof keys / sizeof *keys
};

bool vmcoreinfo_begins(const unsigned char head[VMCOREINFO_HEAD])
{
    return load_le32(head) == NAME_SIZE && bytes_equal(head + 12, name, sizeof name) &&
           bytes_equal(head + DESCRIPTION_AT, first_key, VMCOREINFO_HEAD - DESCRIPTION_AT);
}

static bool take_number(const struct key *key, const char *text, size_t length,
                        struct vmcoreinfo *info)
{
    uint64_t value;
    int64_t decimal;
    if (key->hexadecimal) {
        if (!text_to_u64(text, length, 16, UINT64_MAX, &value))
            return false;
    } else {
        if (!text_to_i64(text, length, &decimal))
            return false;
        value = (uint64_t)decimal;
    }
    bytes_copy((char *)info + key->field, &value, sizeof value);
    return true;
}

static bool take_release(const char *text, size_t length, struct vmcoreinfo *info)
{
    if (length == 0 || length >= sizeof info->release)
        return false;
    bytes_copy(info->release, text, length);
    info->release[length] = '\0';
    return true;
}

/* One line; `seen` collects the keys found. Lines with other keys are of no interest. */
static bool take_line(const char *line, size_t length, struct vmcoreinfo *info, uint32_t *seen)
{
    size_t split = 0;
    while (split < length && line[split] != '=')
        split++;
    if (split == length)
        return true;
    const char *value = line + split + 1;
    size_t value_length = length - split - 1;
    if (text_is(line, split, "OSRELEASE"))
        return take_release(value, value_length, info);
    for (size_t i = 0; i < KEYS; i++) {
        if (!text_is(line, split, keys[i].text))
            continue;
        *seen |= 1U << i;
        return take_number(&keys[i], value, value_length, info);
    }
    return true;
}

static enum status check_complete(const struct vmcoreinfo *info, uint32_t seen,
                                  struct evidence *evidence)
{
    for (size_t i = 0; i < KEYS; i++)
        if (keys[i].required && (seen & 1U << i) == 0)
            return refuse(evidence, STATUS_NOT_FOUND, keys[i].text, i);
    if (info->release[0] == '\0')
        return refuse(evidence, STATUS_NOT_FOUND, "OSRELEASE", 0);
    return STATUS_OK;
}

enum status vmcoreinfo_parse(const unsigned char page[VMCOREINFO_PAGE], struct vmcoreinfo *info,
                             struct evidence *evidence)
{
    struct vmcoreinfo found = {0};
    uint32_t seen = 0;
    const char *line;
    size_t length;
    if (!vmcoreinfo_begins(page))
        return refuse(evidence, STATUS_NOT_FOUND, "VMCOREINFO note header", 0);
    const char *text = (const char *)page + DESCRIPTION_AT;
    uint32_t size = load_le32(page + 4);
    size_t room = VMCOREINFO_PAGE - DESCRIPTION_AT;
    struct cursor lines = cursor_over(text, text_length(text, size < room ? size : room));
    while (cursor_text(&lines, '\n', &line, &length))
        if (!take_line(line, length, &found, &seen))
            return refuse(evidence, STATUS_MALFORMED, "VMCOREINFO line",
                          (uint64_t)(line - (const char *)page));
    enum status status = check_complete(&found, seen, evidence);
    if (status == STATUS_OK)
        *info = found;
    return status;
}
