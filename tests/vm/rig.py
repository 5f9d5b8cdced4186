# SPDX-License-Identifier: Apache-2.0
"""What the rows of scenarios/comparison.py do with the guest, and the words they end in, as the guest shows them."""
import re, time

from checks import eventually
from vm import mkstick

REFUSED, TAKEN, LET_IN, WORKS, FAILS = "refused", "taken away", "let in", "works", "does not work"
KNOWN, NUMBER = "KNOWN-0001", "USB-0001"
QUIET = 2.0  # what comes in does so within, once the verdict is there
GRACE = 10.0  # what is taken away goes within
OWN = ("own-keyboard", "own-reader")  # plugged in from the start
FAMILY = r"loop|vd|ram|zram|dm-"
STATE = r"""for i in /sys/bus/usb/devices/*:*; do n=${i##*/}; case $n in *-0:*) continue;; esac
echo "$n $(cat $i/bInterfaceClass) $(cat $i/authorized) $(basename "$(readlink $i/driver 2>/dev/null)")"; done"""
DISK_LINE = r"\] Attached SCSI|Attached scsi CD|mmcblk[0-9]: mmc|nvme[0-9]n[0-9]:"


class Rig:
    def __init__(self, vm, side):
        self.vm, self.side = vm, side
        self.gadgets, self.late, self.sata, self.before, self.own = [], False, None, [], set()
        self.stamp, self.had, self.serial = "", False, None
        self.known, self.other, self.disc = (f"{vm.dir}/{n}.img" for n in ("known", "other", "disc"))

    def install(self, sata):
        for path, size in ((self.known, 16), (self.other, 16), (self.disc, 8)):
            mkstick(path, size)
        self.vm.plug("kbd", OWN[0], port="14")
        self.vm.plug("ccid", OWN[1], port="15")
        if sata:
            self.vm.qemu_args += ["-drive", f"if=none,id=sata0,format=raw,file={mkstick(self.vm.dir + '/sata.img', 16)}",
                                  "-device", "ide-hd,bus=sata.0,drive=sata0,serial=SATA-LATER"]
        self.vm.start()
        if sata:
            self.sata = self.vm.sh("until d=$(ls -d /sys/block/sd* 2>/dev/null); do sleep 0.1; done; readlink $d | sed 's:.*/\\(host[0-9]*\\)/.*:\\1:'; echo 1 > $d/device/delete", 60)
        # the controller of the gadgets is there from the start, too: what a row shows is the device, not its controller
        self.vm.sh("modprobe dummy_hcd num=1 is_super_speed=1", 30)
        self.vm.until("[ $(ls -d /sys/bus/usb/devices/*:1.0 | grep -vc -- '-0:') = 2 ] && udevadm settle", 90)
        self.side.install()
        self.plug_known()
        self.side.allow(KNOWN, NUMBER)
        self.unplug("known")

    def plug_known(self, image=None, **props):
        self.plug("storage", "known", KNOWN, image or self.known, **props)

    def plug(self, kind, id, serial, image=None, **props):
        """Plugs in, and waits until kernel and side have seen it."""
        self.serial = serial
        self.vm.plug(kind, id, serial=serial, image=image, **props)
        self.seen(serial)

    def plug_behind(self, serial, **where):
        """Plugs an unknown stick in behind a hub: where the hub is refused nothing is ever seen behind it."""
        self.serial = serial
        self.vm.plug("storage", "behind", serial=serial, image=self.other, **where)
        if eventually(lambda: serial in self.vm.run("cat /sys/bus/usb/devices/*/serial")[1].split(), 10):
            self.side.judged(serial)

    def seen(self, serial):
        self.vm.until(f"grep -qsx -- '{serial}' /sys/bus/usb/devices/*/serial" if serial else
                      "for d in /sys/bus/usb/devices/*-[1-9]*; do case $d in *:*) continue;; esac; [ -e $d/serial ] || exit 0; done; false", 30)
        self.side.judged(serial)

    def unplug(self, id):
        self.vm.unplug(id, 40)
        self.quiet()

    def gadget(self, name, vendor, product, serial, functions=("mass_storage",), **more):
        self.vm.sh("[ -e /run/g.img ] || dd if=/dev/zero of=/run/g.img bs=1M count=16 2>/dev/null")
        self.gadgets.append(name)
        self.serial = serial
        self.vm.gadget(name, vendor, product, serial=serial, functions=functions, lun="/run/g.img", **more)
        self.seen(serial)

    def gadget_off(self, name):
        self.gadgets.remove(name)
        self.vm.gadget_off(name)
        self.quiet()

    def quiet(self):
        """Until nothing is plugged in but what was from the start."""
        if self.own:
            eventually(lambda: {i[0].split(":")[0] for i in self.interfaces()} <= self.own, 30)

    # -- what is there
    def interfaces(self):
        return [(l.split() + [""])[:4] for l in self.vm.run(STATE)[1].splitlines() if len(l.split()) >= 3]

    def disks(self):
        """Disks that hold something, but for memory and the terminal's own."""
        out = self.vm.run(f"for d in /sys/block/*; do case $d in */nbd*) [ -e $d/pid ];; *) [ $(cat $d/size) != 0 ];; esac && echo ${{d##*/}}; done | grep -Ev '^({FAMILY})'; true")[1]
        return [d for d in out.split() if d not in self.before]

    def readable(self):
        return [d for d in self.disks() if self.vm.run(f"[ $(dd if=/dev/{d} bs=4096 count=1 2>/dev/null | wc -c) = 4096 ]")[0] == 0]

    def coming(self):
        """Until the kernel has a disk of it: on this road it always has, and then it may go again."""
        if not eventually(self.had_disk, 30):
            raise RuntimeError("no disk ever came")

    def mark(self):
        """What follows is the deed: disks and records count from here."""
        self.side.mark()
        self.had = bool(self.readable())
        self.stamp = f"comparison {time.monotonic()}"
        self.vm.sh(f"echo '{self.stamp}' > /dev/kmsg")

    def had_disk(self):
        log = self.vm.sh(f"dmesg | sed -n '/{self.stamp}/,$p'" if self.stamp else "dmesg")
        return bool(re.search(DISK_LINE, log.partition("\n")[2]))

    # -- words
    def disk(self, count=1):
        """What became of what was plugged in, by its disks."""
        self.vm.sh("udevadm settle", 60)
        time.sleep(QUIET)
        if any(i[3] in ("usb-storage", "uas") for i in self.interfaces()):
            eventually(lambda: len(self.readable()) >= count, 20)  # a driver has it: the disk comes, however slow the machine is
        gone = eventually(lambda: not self.readable(), GRACE if self.side.guards else 1)
        if gone:
            return TAKEN if self.had or self.had_disk() else REFUSED
        return LET_IN

    def interface(self):
        """The same by its interfaces: one that is open can be used by its driver or by any program."""
        self.vm.sh("udevadm settle", 60)
        time.sleep(QUIET)
        mine = [i for i in self.interfaces() if i[0].split(":")[0] not in self.own and i[1] != "09"]
        return LET_IN if any(i[2] == "1" for i in mine) or self.readable() else REFUSED

    def works(self):
        return WORKS if self.side.works(NUMBER, self.readable) else FAILS

    # -- between rows
    def begin(self):
        self.serial = None
        self.own = {i[0].split(":")[0] for i in self.interfaces()}
        self.before = []
        self.before = self.disks()
        self.mark()

    def clean(self):
        vm = self.vm
        vm.run("umount /mnt/* 2>/dev/null; losetup -D 2>/dev/null; killall -q nbd_loop; true")
        for name in list(self.gadgets):
            self.gadget_off(name)
        for id in [i for i in vm.devs if i not in OWN][::-1]:
            vm.unplug(id, 40)
        if self.late:
            vm.qmp("device_del", id="late")
            vm.until(f"[ $(ls -d /sys/bus/usb/devices/usb* | wc -l) = {self.late} ]", 40)
            self.late = False
        if self.sata:
            vm.run("for d in /sys/block/sd*; do [ -e $d ] && echo 1 > $d/device/delete; done; true")
        if not self.side.up:
            self.side.start()
        self.quiet()
