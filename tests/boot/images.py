"""What the boot tests make out of a guest's RAM file: a LiME dump, and a second kernel in it."""
import mmap
import re
import struct
from pathlib import Path

PAGE = 4096
IMAGE_BASE = 0xFFFFFFFF80000000
HUGE = 2 << 20
PLANT_SIZE = 64 << 20
ADDRESS = 0x000FFFFFFFFFF000


def write_lime(ram, below_4g, path):
    """The RAM file as LiME dumps it: a 32-byte header before each range."""
    size = Path(ram).stat().st_size
    low = min(size, below_4g)
    parts = [(0, 0, low)] + ([(low, 4 << 30, size - low)] if size > low else [])
    with open(ram, 'rb') as source, open(path, 'wb') as dump:
        for offset, start, length in parts:
            dump.write(struct.pack('<IIQQQ', 0x4C694D45, 1, start, start + length - 1, 0))
            source.seek(offset)
            while length > 0:
                block = source.read(min(length, 1 << 24))
                dump.write(block)
                length -= len(block)


def _notes(memory):
    """Offsets of all VMCOREINFO pages."""
    at = memory.find(b'VMCOREINFO\0')
    while at >= 0:
        if at % PAGE == 12 and memory[at + 12:at + 22] == b'OSRELEASE=':
            yield at - 12
        at = memory.find(b'VMCOREINFO\0', at + 1)


def _note(memory):
    """Offset of the VMCOREINFO page, and its text."""
    note = next(_notes(memory))
    return note, memory[note + 24:note + PAGE].split(b'\0')[0].decode()


def wipe_notes(path):
    """Zeroes every VMCOREINFO page."""
    with open(path, 'r+b') as file, mmap.mmap(file.fileno(), 0) as memory:
        for note in list(_notes(memory)):
            memory[note:note + PAGE] = bytes(PAGE)


def scatter_notes(path, copies=8):
    """Puts copies of the VMCOREINFO page into free pages, before and behind it."""
    with open(path, 'r+b') as file, mmap.mmap(file.fileno(), 0) as memory:
        note, _ = _note(memory)
        page = memory[note:note + PAGE]
        free = [at for at in range(HUGE, len(memory), HUGE)
                if memory[at:at + PAGE] == bytes(PAGE)]
        for at in free[:copies] + free[-copies:]:
            memory[at:at + PAGE] = page


def _number(text, key, base):
    return int(re.search(rf'^{re.escape(key)}=(-?\w+)$', text, re.M)[1], base)


def _free_run(memory, size, image):
    """Offset of `size` zero bytes, aligned like a kernel image, clear of what is copied."""
    zeros = bytes(HUGE)
    run = 0
    for at in range(HUGE, len(memory) - HUGE, HUGE):
        clear = at + HUGE <= image or at >= image + PLANT_SIZE
        run = run + 1 if clear and memory[at:at + HUGE] == zeros else 0
        if run * HUGE == size:
            return at + HUGE - size
    raise ValueError('no free run for a second kernel')


def _shift_tables(memory, table, levels, old, delta, seen, first=0):
    """
    Makes the copied tables map the copied image: entries into the old one move by delta. Only
    the last entry of the top table leads to the image; the others lead to the direct map.
    """
    if table in seen:
        return
    seen.add(table)
    for at in range(table + 8 * first, table + PAGE, 8):
        entry = struct.unpack_from('<Q', memory, at)[0]
        address = entry & ADDRESS
        if not entry & 1 or not old <= address < old + PLANT_SIZE:
            continue
        struct.pack_into('<Q', memory, at, entry + delta)
        leaf = levels == 1 or (levels <= 3 and entry & 0x80)
        if not leaf:
            _shift_tables(memory, address + delta, levels - 1, old, delta, seen)


def plant_kernel(path):
    """
    Plants a second, complete kernel in free memory of a raw RAM file of at most 2 GiB: image,
    page tables and note, all consistent. Returns the two image addresses.
    """
    with open(path, 'r+b') as file, mmap.mmap(file.fileno(), 0) as memory:
        note, text = _note(memory)
        base = _number(text, 'NUMBER(phys_base)', 10)
        image = _number(text, 'SYMBOL(_stext)', 16) - IMAGE_BASE + base
        top = _number(text, 'SYMBOL(swapper_pg_dir)', 16) - IMAGE_BASE + base
        levels = 4 + _number(text, 'NUMBER(pgtable_l5_enabled)', 10)
        free = _free_run(memory, PLANT_SIZE + HUGE, image)
        copy, new_note = free + HUGE, free
        delta = copy - image
        memory[copy:copy + PLANT_SIZE] = memory[image:image + PLANT_SIZE]
        _shift_tables(memory, top + delta, levels, image, delta, set(), 511)
        page = memory[note:note + PAGE]
        moved = page.replace(f'NUMBER(phys_base)={base}\n'.encode(),
                             f'NUMBER(phys_base)={base + delta}\n'.encode()).ljust(PAGE, b'\0')
        size = struct.unpack_from('<I', page, 4)[0] + len(str(base + delta)) - len(str(base))
        memory[new_note:new_note + PAGE] = moved[:4] + struct.pack('<I', size) + moved[8:PAGE]
        _point_notes(memory, copy, note, new_note)
        return image, copy


def _point_notes(memory, copy, note, new_note):
    """
    vmcoreinfo_note of the copy must point at the new note. Its address is not known here; it is
    one of the few words of the image whose low bits are the note's page: all of them are moved.
    """
    low = note & (HUGE - 1)
    for at in range(copy, copy + PLANT_SIZE, 8):
        word = struct.unpack_from('<Q', memory, at)[0]
        if word >> 48 in (0xFF11, 0xFFFF) or word >> 56 == 0xFF:
            if word & (HUGE - 1) == low and (word - note) % (1 << 30) == 0:
                struct.pack_into('<Q', memory, at, word + new_note - note)
