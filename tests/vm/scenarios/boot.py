# SPDX-License-Identifier: Apache-2.0
"""How long boot takes, for several machine settings; args: number of boots each."""
import statistics

AUTOSTART = False


def scenario(vm, args):
    n = int((args or ["3"])[0])
    elf, accel, append = vm.kernel, vm.accel, vm.append
    for title, kw in (("vmlinux, 2 cpus, tcg thread=multi", {}), ("bzImage", dict(kernel=elf.replace("vmlinux", "vmlinuz"))), ("1 cpu", dict(smp=1)),
                      ("thread=single", dict(accel="tcg,thread=single")), ("without udev", dict(append="vm.noudev")), ("loglevel 3, no crypto self-tests", dict(append="quiet cryptomgr.notests"))):
        vm.kernel, vm.smp, vm.accel, vm.append = elf, 2, accel, append
        for k, v in kw.items():
            setattr(vm, k, v)
        shell, ready = [], []
        for i in range(n):
            vm.start()
            shell.append(vm.events[-1]["boot_s"])
            vm.until("ls /sys/bus/usb/devices/usb2 >/dev/null 2>&1")
            ready.append(vm.events[-1]["t"] - vm.t_start)
            vm.power_cut()
        print("%-36s shell %.2f s (%s)  xhci ready %.2f s" % (title, statistics.median(shell), ", ".join("%.2f" % x for x in shell), statistics.median(ready)), flush=True)
