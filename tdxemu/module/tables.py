#!/usr/bin/env python3
"""The module's metadata and MSR tables, from the CSVs of abi/spec, as C.

usage: tables.py FIELDS.csv MSRS.csv metadata_slots.h metadata_tables.c msr_table.c

A slot is one 64-bit value in struct metadata. Every field has as many slots as it has elements,
but for the large tables which the module keeps elsewhere and the guest cannot read. The VMCS of
the L2 VM comes first: its slots follow from the encoding alone.
"""
import csv
import sys

L2_VMS = 1
VMCS_1 = 0x24 << 56
# Rows of VMs that do not exist, and markers in whose place the table of the L2 VMCS stands.
ABSENT = {f'L2_{what}_{vm}' for vm in range(L2_VMS + 1, 4)
          for what in ('MSR_BITMAPS', 'SHADOW_MSR_BITMAPS', 'SEPT_ROOT')}
ABSENT |= {f'L2_VMCS_{vm}' for vm in (1, 2, 3)}
MOST_SLOTS = 160
GPA_PRIVATE = 6

SPECIAL_READ, SPECIAL_WRITE, PRIVATE_GPA = 1, 2, 4


def rows_of(path):
    with open(path, encoding='utf-8') as file:
        return list(csv.DictReader(line for line in file if not line.startswith('#')))


class Field:
    def __init__(self, row):
        self.scope, self.name = row['scope'], row['name']
        self.id = int(row['field_id'], 16)
        if self.scope == 'l2_vmcs':
            self.id |= VMCS_1
        self.elements = int(row['num_fields']) * int(row['num_elements'])
        self.read, self.write = int(row['guest_read_mask'], 16), int(row['guest_write_mask'], 16)
        self.flags = (int(row['special_read']) * SPECIAL_READ
                      | int(row['special_write']) * SPECIAL_WRITE
                      | (int(row['attributes'], 16) == GPA_PRIVATE) * PRIVATE_GPA)
        self.slot = None

    def code(self):
        return self.id & 0xffffff

    def key(self):
        return (self.id >> 56 & 0x3f) << 24 | self.code()

    def stride(self):
        return 1 + (self.id >> 50 & 1)

    def kept(self):
        return self.scope != 'l1_vmcs' and (self.read != 0 or self.elements <= MOST_SLOTS)


def tables_of(fields):
    """The fields of each context in the module's order; those of a VP come from three tables."""
    of = {scope: [f for f in fields if f.scope == scope and f.name not in ABSENT]
          for scope in ('sys', 'tdr_tdcs', 'tdvps', 'l1_vmcs', 'l2_vmcs')}
    vp = of['l1_vmcs'] + [f for f in of['tdvps'] if f.key() < of['l2_vmcs'][0].key()] \
        + of['l2_vmcs'] + [f for f in of['tdvps'] if f.key() > of['l2_vmcs'][0].key()]
    tables = {'sys': of['sys'], 'td': of['tdr_tdcs'], 'vp': vp}
    for name, table in tables.items():
        for a, b in zip(table, table[1:]):
            if a.key() + a.elements * a.stride() > b.key():
                raise SystemExit(f'{name}: {a.name} and {b.name} overlap or are out of order')
    return tables


def place(tables):
    """Gives each field its slot; returns the first slot of every VMCS group, and both counts."""
    vmcs = [f for f in tables['vp'] if f.scope == 'l2_vmcs']
    base, slots = [0] * 32, 0
    for group in range(32):
        members = [f for f in vmcs if f.code() >> 10 == group]
        base[group] = slots
        if members:
            slots += max((f.code() >> 1 & 0x1ff) + f.elements for f in members)
    for field in vmcs:
        field.slot = base[field.code() >> 10] + (field.code() >> 1 & 0x1ff)
    vmcs_slots = slots
    for table in tables.values():
        for field in table:
            if field.slot is None and field.kept():
                field.slot, slots = slots, slots + field.elements
    return base, vmcs_slots, slots


PREFIX = {'sys': 'SYS', 'tdr_tdcs': 'TDCS', 'tdvps': 'TDVPS'}
HEADER = '/* Generated from abi/spec by tdxemu/module/tables.py. */\n'


def write_slots(path, tables, base, vmcs_slots, slots):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(HEADER + '#ifndef MODULE_METADATA_SLOTS_H\n#define MODULE_METADATA_SLOTS_H\n\n'
                  '#include <stdint.h>\n\n'
                  f'#define METADATA_L2_VMS {L2_VMS}\n#define METADATA_SLOTS {slots}\n'
                  f'#define METADATA_VMCS_SLOTS {vmcs_slots}\n\n'
                  '/* First slot of a group of VMCS encodings, by bits 14:10. */\n'
                  'static const uint16_t metadata_vmcs_base[32] = {\n')
        out.writelines(f'    {b},\n' for b in base)
        out.write('};\n\nenum metadata_slot {\n')
        for table in tables.values():
            out.writelines(f'    SLOT_{PREFIX[f.scope]}_{f.name} = {f.slot},\n' for f in table
                           if f.scope in PREFIX and f.slot is not None)
        out.write('};\n\n#endif\n')


def write_tables(path, tables):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(HEADER + '#include "module/metadata_field.h"\n')
        for name, table in tables.items():
            out.write(f'\nstatic const struct metadata_field {name}_fields[] = {{\n')
            for f in table:
                slot = 'METADATA_NO_SLOT' if f.slot is None else f.slot
                out.write(f'    /* {f.name} */\n    {{{f.id:#018x}U, {f.read:#x}U, {f.write:#x}U, '
                          f'{f.elements}, {slot}, {f.flags}}},\n')
            out.write('};\n')
        out.write('\nconst struct metadata_table metadata_tables[METADATA_SCOPES] = {\n')
        out.writelines(f'    {{{name}_fields, {len(table)}}},\n' for name, table in tables.items())
        out.write('};\n')


# What an access does that the bitmap intercepts. The features behind the DYN bits are absent.
ACTIONS = {'OTHER': 'MSR_MODULE', 'VE': 'MSR_VE', 'GP': 'MSR_GP', 'GP_OR_VE': 'MSR_GP_OR_VE'}


def action(bit, what):
    return 'MSR_NATIVE' if bit == 'FIXED_0' else ACTIONS[what]


def write_msrs(path, rows):
    rows = sorted(rows, key=lambda row: int(row['first'], 16))
    with open(path, 'w', encoding='utf-8') as out:
        out.write(HEADER + '#include "module/msr_policy_table.h"\n\n'
                  'const struct msr_range msr_ranges[] = {\n')
        for row in rows:
            out.write(f'    /* {row["name"]} */\n    {{{row["first"]}, {row["last"]}, '
                      f'{action(row["read_bit"], row["read_action"])}, '
                      f'{action(row["write_bit"], row["write_action"])}}},\n')
        out.write(f'}};\n\nconst unsigned msr_range_count = {len(rows)};\n')


def main():
    fields_csv, msrs_csv, slots_h, tables_c, msrs_c = sys.argv[1:]
    tables = tables_of([Field(row) for row in rows_of(fields_csv)])
    base, vmcs_slots, slots = place(tables)
    write_slots(slots_h, tables, base, vmcs_slots, slots)
    write_tables(tables_c, tables)
    write_msrs(msrs_c, rows_of(msrs_csv))


if __name__ == '__main__':
    main()
