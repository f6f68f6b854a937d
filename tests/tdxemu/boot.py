#!/usr/bin/env python3
"""Boots TDs on tdxemu: the small one of tests/tdxemu/td, and with --stock Debian's OVMF and kernel.

The small TD checks tdxemu from inside and says a line a check; its run under -icount must repeat to
the byte. The stock TD was not written for tdxemu: an ordinary TD, as L1, with #VE. TAP on stdout.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / 'build'
OVMF = Path('/usr/share/ovmf/OVMF.fd')
FLAVOUR = '6.12-cloud'
ICOUNT = ['-icount', 'shift=1,sleep=off', '-seed', '1', '-rtc', 'clock=vm,base=2026-01-01']
failed = 0


def check(good, name, more=''):
    global failed
    failed += not good
    print('ok' if good else 'not ok', name + ('' if good or not more else f': {more}'), flush=True)


def boot(folder, image, memory, machine, *extra, timeout):
    """QEMU's exit status, and the logs of the TD and of tdxemu."""
    td_log, emu_log = Path(folder, 'td.log'), Path(folder, 'emu.log')
    status = subprocess.run(
        ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none',
         '-machine', 'q35', '-accel', 'tcg', '-cpu', 'max,la57=off,phys-bits=52',
         '-m', f'{machine}M', '-bios', str(BUILD / 'tdxemu/tdxemu.bin'),
         '-fw_cfg', f'name=opt/org.tdx-tracker/td-image,file={image}',
         '-fw_cfg', f'name=opt/org.tdx-tracker/td-memory,string={memory}',
         '-chardev', f'file,id=td,path={td_log}', '-device', 'isa-debugcon,iobase=0x402,chardev=td',
         '-chardev', f'file,id=em,path={emu_log}', '-device', 'isa-debugcon,iobase=0xe9,chardev=em',
         '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', *extra],
        timeout=timeout, stdin=subprocess.DEVNULL).returncode
    return status, td_log.read_text(), emu_log.read_text()


def small_td():
    image = BUILD / 'tests/tdxemu/td/test-td.bin'
    with tempfile.TemporaryDirectory() as folder:
        status, said, emulator = boot(folder, image, 128, 2816, timeout=120)
        for line in said.splitlines():
            if line.startswith(('ok ', 'not ok ')):
                check(line.startswith('ok '), 'tdxemu: ' + line.split('ok ', 1)[1].strip())
        check('td: done' in said and status == 0, 'the small TD runs to its end', said[-200:])
        counters = json.loads(emulator.splitlines()[-1])
        check(counters['event.action'] == 'tdxemu', 'tdxemu counts')
        runs = [boot(folder, image, 128, 2816, *ICOUNT, timeout=120) for _ in range(2)]
        check(runs[0] == runs[1] and 'td: done' in runs[0][1], 'two runs under -icount are the same')


def initramfs(folder):
    path = Path(folder, 'initrd')
    subprocess.run([TOP / 'tests/guest/build-initramfs', FLAVOUR, BUILD / 'tests/guest', path],
                   check=True, stdout=subprocess.DEVNULL)
    return path


def stock_td():
    cache = Path(os.environ.get('TDX_TRACKER_CACHE', Path.home() / '.cache/tdx-tracker'))
    with tempfile.TemporaryDirectory() as folder:
        console = Path(folder, 'console.log')
        status, _, emulator = boot(
            folder, OVMF, 512, 3300,
            '-kernel', str(cache / 'kernels' / FLAVOUR / 'vmlinuz'), '-initrd',
            str(initramfs(folder)), '-append', 'console=hvc0 batch="dmesg; cat /proc/interrupts"',
            '-chardev', f'file,id=con,path={console}',
            '-device', 'virtio-serial-pci,disable-legacy=on,iommu_platform=on',
            '-device', 'virtconsole,chardev=con',
            '-netdev', 'user,id=net', '-device',
            'virtio-net-pci,netdev=net,disable-legacy=on,iommu_platform=on,romfile=',
            timeout=300)
        said = console.read_text(errors='replace')
    check('td error' not in emulator and status == 0, 'OVMF and Debian run to power-off',
          emulator[-300:])
    check('tdx: Guest detected' in said, 'Debian knows that it is in a TD')
    check('Memory Encryption Features active: Intel TDX' in said, 'Debian shares what it must')
    check('virtio0-virtqueues' in said, 'its devices interrupt by MSI-X')


if __name__ == '__main__':
    stock_td() if sys.argv[1:] == ['--stock'] else small_td()
    sys.exit(1 if failed else 0)
